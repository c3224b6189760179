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

/** What is to be trained. The activation set is in the address; the rest is the form's. */
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
  name = $state('')

  readonly complete = $derived(things.activations.filter((set) => set.complete))
  readonly set: ActivationSet | undefined = $derived(
    this.complete.find(({ id }) => id === route.query['activations']) ??
      (this.complete.length === 1 ? this.complete[0] : undefined),
  )
  readonly keepsLargest = $derived(keepsLargest(this.architecture))
  get by(): SparsityBy {
    return this.keepsLargest ? 'k' : this.#penaltyBy
  }
  set by(by: SparsityBy) {
    if (by !== 'k') this.#penaltyBy = by
  }

  readonly widths = $derived(readNumbers(this.widthsText.trim() || String((this.set?.dIn ?? 64) * 8), WHOLE))
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

  chooseSet(id: string): void {
    route.refine({ activations: id })
  }

  /** undefined while something is missing or wrong. */
  readonly request: TrainRequest | undefined = $derived.by(() => {
    const wrong = this.widths.error ?? this.sparsities.error ?? this.seeds.error
    if (!this.set || wrong || this.isTooMany || this.specs.length === 0) return undefined
    return {
      source: { from: 'activations', activationSetId: this.set.id },
      saes: this.specs,
      normalisation: this.normalisation,
      skipPosition0: this.skipPosition0,
      ...(this.tokens === null ? {} : { tokens: this.tokens }),
      ...(this.batchTokens === null ? {} : { batchTokens: this.batchTokens }),
      ...(this.name.trim() === '' ? {} : { name: this.name.trim() }),
    }
  })
}
