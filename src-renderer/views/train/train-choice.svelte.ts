import type { ActivationSet } from '#contract/activation-set.ts'
import type { Architecture } from '#contract/sae.ts'
import type { InputNormalisation, TrainRequest } from '#contract/training.ts'
import type { z } from 'zod'
import { readNumbers } from '../../components/number-text.ts'
import { route } from '../../state/route.svelte.ts'
import { things } from '../../state/things.svelte.ts'
import { keepsLargest, specsOf, type SparsityBy, type Sweep } from './sweep.ts'

const WHOLE = { min: 1, max: Infinity, whole: true }
const MOST_SAES = 256

/** The one of that id; the only one there is needs no choosing. */
const only = <T extends { id: string }>(list: readonly T[], id: string | undefined): T | undefined =>
  list.find((one) => one.id === id) ?? (list.length === 1 ? list[0] : undefined)

/** What is to be trained. Where the activations come from is in the address; the rest is the form's. */
export class TrainChoice {
  architecture = $state<Architecture>('topk')
  widthsText = $state('')
  sparsityText = $state('32')
  #penaltyBy = $state<'λ' | 'L0'>('L0')
  seedsText = $state('0')
  tokens = $state<number | null>(null)
  batchTokens = $state<number | null>(null)
  learningRate = $state<number | null>(null)
  normalisation = $state<z.infer<typeof InputNormalisation>>('expected_average_only_in')
  skipPosition0 = $state(true)
  /** '': the best there is on this machine. */
  backend = $state<NonNullable<TrainRequest['backend']> | ''>('')
  name = $state('')

  readonly complete = $derived(things.activations.filter((set) => set.complete))
  readonly set: ActivationSet | undefined = $derived(only(this.complete, route.query['activations']))
  /** The set of the address while its harvest goes on. */
  readonly unfinished: ActivationSet | undefined = $derived(
    things.activations.find(({ id, complete }) => id === route.query['activations'] && !complete),
  )
  contextSize = $state<number | null>(128)
  readonly from: 'activations' | 'model' = $derived(route.query['from'] === 'model' ? 'model' : 'activations')
  readonly model = $derived(only(things.models, route.query['model']))
  readonly corpus = $derived(only(things.corpora, route.query['corpus']))
  readonly hook = $derived(this.model?.hookPoints.find(({ name }) => name === route.query['hook']))
  readonly dIn: number | undefined = $derived(this.from === 'model' ? this.hook?.width : this.set?.dIn)

  readonly keepsLargest = $derived(keepsLargest(this.architecture))
  get by(): SparsityBy {
    return this.keepsLargest ? 'k' : this.#penaltyBy
  }
  set by(by: SparsityBy) {
    if (by !== 'k') this.#penaltyBy = by
  }

  readonly widths = $derived(readNumbers(this.widthsText.trim() || String((this.dIn ?? 64) * 8), WHOLE))
  readonly sparsities = $derived(
    readNumbers(this.sparsityText, this.by === 'k' ? WHOLE : { min: 0, max: Infinity, whole: false }),
  )
  readonly seeds = $derived(readNumbers(this.seedsText, { min: 0, max: Infinity, whole: true }))
  readonly sweep: Sweep = $derived({
    architecture: this.architecture,
    widths: this.widths.values,
    by: this.by,
    sparsities: this.sparsities.values,
    seeds: this.seeds.values.length > 0 ? this.seeds.values : [0],
  })
  readonly specs = $derived(
    specsOf(this.sweep).map((spec) =>
      this.learningRate === null ? spec : { ...spec, learningRate: this.learningRate },
    ),
  )
  readonly isTooMany = $derived(this.specs.length > MOST_SAES)

  chooseFrom(from: 'activations' | 'model'): void {
    route.refine({ from: from === 'model' ? 'model' : '' })
  }
  chooseSet(activations: string): void {
    route.refine({ activations })
  }
  chooseModel(model: string): void {
    route.refine({ model, hook: '' })
  }
  chooseHook(hook: string): void {
    route.refine({ hook })
  }
  chooseCorpus(corpus: string): void {
    route.refine({ corpus })
  }

  readonly #source: TrainRequest['source'] | undefined = $derived.by(() => {
    if (this.from === 'activations') return this.set && { from: 'activations', activationSetId: this.set.id }
    if (!this.model || !this.corpus || !this.hook || this.contextSize === null) return undefined
    return {
      from: 'model',
      modelId: this.model.id,
      corpusId: this.corpus.id,
      hookName: this.hook.name,
      contextSize: this.contextSize,
    }
  })

  /** undefined while something is missing or wrong. */
  readonly request: TrainRequest | undefined = $derived.by(() => {
    const wrong = this.widths.error ?? this.sparsities.error ?? this.seeds.error
    if (!this.#source || wrong || this.isTooMany || this.specs.length === 0) return undefined
    return {
      source: this.#source,
      saes: this.specs,
      normalisation: this.normalisation,
      skipPosition0: this.skipPosition0,
      ...(this.backend === '' ? {} : { backend: this.backend }),
      ...(this.tokens === null ? {} : { tokens: this.tokens }),
      ...(this.batchTokens === null ? {} : { batchTokens: this.batchTokens }),
      ...(this.name.trim() === '' ? {} : { name: this.name.trim() }),
    }
  })
}
