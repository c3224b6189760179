import type { ActivationSet } from '#contract/activation-set.ts'
import type { Architecture } from '#contract/sae.ts'
import type { TrainRequest } from '#contract/training.ts'
import { readNumbers } from '../../components/number-text.ts'
import { route } from '../../state/route.svelte.ts'
import { things } from '../../state/things.svelte.ts'
import { keepsLargest, specsOf, type PenaltyBy, type Sweep } from './sweep.ts'
import { TrainOptions } from './train-options.svelte.ts'

const WHOLE = { min: 1, max: Infinity, whole: true }
const MOST_SAES = 256

/** The one of that id; the only one there is needs no choosing. */
const only = <T extends { id: string }>(list: readonly T[], id: string | undefined): T | undefined =>
  list.find((one) => one.id === id) ?? (list.length === 1 ? list[0] : undefined)

/** What is to be trained. Where the activations come from is in the address; the rest is the form's. */
export class TrainChoice {
  readonly options = new TrainOptions()
  /** One kind, or those of `several`. */
  kind = $state<Architecture | 'several'>('topk')
  several = $state<Architecture[]>(['topk', 'standard'])
  widthsText = $state('')
  ksText = $state('')
  penaltyBy = $state<PenaltyBy>('L0')
  penaltiesText = $state('')

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

  readonly architectures: Architecture[] = $derived(this.kind === 'several' ? this.several : [this.kind])
  readonly hasKs = $derived(this.architectures.some(keepsLargest))
  readonly hasPenalties = $derived(!this.architectures.every(keepsLargest))

  readonly widths = $derived(readNumbers(this.widthsText.trim() || String((this.dIn ?? 64) * 8), WHOLE))
  readonly ks = $derived(readNumbers(this.ksText, WHOLE))
  readonly penalties = $derived(readNumbers(this.penaltiesText, { min: 0, max: Infinity, whole: false }))
  readonly sweep: Sweep = $derived({
    architectures: this.architectures,
    widths: this.widths.values,
    ks: this.ks.values,
    by: this.penaltyBy,
    penalties: this.penalties.values,
    learningRates: this.options.learningRates.values,
    seeds: this.options.seeds.values,
    options: this.options.ofKinds,
  })
  readonly specs = $derived(specsOf(this.sweep))
  readonly isTooMany = $derived(this.specs.length > MOST_SAES)

  /** Adds a kind to the several, or takes it away. */
  toggle(architecture: Architecture): void {
    this.several = this.several.includes(architecture)
      ? this.several.filter((one) => one !== architecture)
      : [...this.several, architecture]
  }
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
    const { widths, ks, penalties, options } = this
    const wrong =
      widths.error || (this.hasKs && ks.error) || (this.hasPenalties && penalties.error) || options.error
    if (!this.#source || wrong || this.isTooMany || this.specs.length === 0) return undefined
    return { source: this.#source, saes: this.specs, ...options.ofRun }
  })
}
