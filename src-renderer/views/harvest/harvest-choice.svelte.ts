import type { ActivationDtype, HarvestRequest } from '#contract/activation-set.ts'
import type { Corpus, Packing } from '#contract/corpus.ts'
import type { CorpusId, ModelId } from '#contract/ids.ts'
import type { Model, ModelDevice } from '#contract/model.ts'
import { route } from '../../state/route.svelte.ts'
import { things } from '../../state/things.svelte.ts'

/** What is to be harvested. Model, corpus and hook points are in the address; the rest is the form's. */
export class HarvestChoice {
  tokens = $state<number | null>(1_000_000)
  contextSize = $state<number | null>(128)
  dtype = $state<ActivationDtype>('f32')
  device = $state<ModelDevice>('auto')
  packing = $state<Packing>('packed')
  shuffle = $state(false)
  seed = $state<number | null>(0)
  name = $state('')
  /** null: as the model says. */
  #prependBos = $state<boolean | null>(null)

  /** The only one there is needs no choosing. */
  readonly model: Model | undefined = $derived(
    things.models.length === 1
      ? things.models[0]
      : things.models.find(({ id }) => id === route.query['model']),
  )
  readonly corpus: Corpus | undefined = $derived(
    things.corpora.length === 1
      ? things.corpora[0]
      : things.corpora.find(({ id }) => id === route.query['corpus']),
  )
  readonly hookNames: string[] = $derived(
    (route.query['hooks'] ?? '')
      .split(',')
      .filter((name) => this.model?.hookPoints.some((point) => point.name === name)),
  )

  get prependBos(): boolean {
    return this.#prependBos ?? this.model?.prependBos ?? false
  }
  set prependBos(prependBos: boolean) {
    this.#prependBos = prependBos
  }
  get bytesPerNumber(): number {
    return this.dtype === 'f32' ? 4 : 2
  }
  /** Rows of token ids have the length they have. */
  get fixedContext(): number | null {
    return this.corpus?.contextSize ?? null
  }

  chooseModel(id: ModelId): void {
    this.#prependBos = null
    route.refine({ model: id })
  }
  chooseCorpus(id: CorpusId): void {
    route.refine({ corpus: id })
  }
  /** Adds a hook point, or takes it out. */
  toggle(name: string): void {
    const next = this.hookNames.includes(name)
      ? this.hookNames.filter((one) => one !== name)
      : [...this.hookNames, name]
    route.refine({ hooks: next.join(',') })
  }

  readonly #context = $derived.by(() => {
    const size = this.fixedContext ?? this.contextSize
    if (!this.model || !this.corpus || size === null || this.seed === null) return null
    return {
      contextSize: size,
      prependBos: this.prependBos,
      packing: this.packing,
      shuffle: this.shuffle,
      seed: this.seed,
    }
  })
  /** undefined while something is missing. */
  readonly request: HarvestRequest | undefined = $derived.by(() => {
    if (!this.#context || !this.model || !this.corpus || this.tokens === null || this.hookNames.length === 0)
      return undefined
    return {
      modelId: this.model.id,
      corpusId: this.corpus.id,
      hookNames: this.hookNames,
      tokens: this.tokens,
      dtype: this.dtype,
      device: this.device,
      ...this.#context,
      ...(this.name.trim() === '' ? {} : { name: this.name.trim() }),
    }
  })
  readonly previewRequest = $derived.by(() => {
    if (!this.#context || !this.model || !this.corpus) return undefined
    return { id: this.corpus.id, modelId: this.model.id, rows: 3, ...this.#context }
  })
}
