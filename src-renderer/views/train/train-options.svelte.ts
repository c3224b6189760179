import type { TrainRequest } from '#contract/training.ts'
import { readNumbers } from '../../components/number-text.ts'
import { given, type KindOptions } from './sweep.ts'

/** What a run of a sweep can be told beside its SAEs' sizes. null and '': the engine's default. */
export class TrainOptions {
  seedsText = $state('0')
  learningRatesText = $state('')
  tokens = $state<number | null>(null)
  batchTokens = $state<number | null>(null)
  /** Steps, or below 1 a share of the run. */
  learningRateWarmUp = $state<number | null>(null)
  learningRateDecay = $state<number | null>(null)
  sparsityWarmUp = $state<number | null>(null)
  clipNorm = $state<number | null>(null)
  beta1 = $state<number | null>(null)
  beta2 = $state<number | null>(null)
  normalisation = $state<NonNullable<TrainRequest['normalisation']>>('expected_average_only_in')
  centre = $state<NonNullable<TrainRequest['centre']>>('geometric_median')
  skipPosition0 = $state(true)
  resample = $state(true)
  auxK = $state<number | null>(null)
  auxWeight = $state<number | null>(null)
  deadAfter = $state<number | null>(null)
  cosine = $state<number | null>(null)
  decoderNorm = $state<'' | 'unit' | 'free'>('')
  bandwidth = $state<number | null>(null)
  nestedText = $state('')
  ceEvery = $state<number | null>(null)
  checkpointEvery = $state<number | null>(null)
  /** '': the best there is on this machine. */
  backend = $state<NonNullable<TrainRequest['backend']> | ''>('')
  name = $state('')

  readonly seeds = $derived(readNumbers(this.seedsText, { min: 0, max: Infinity, whole: true }))
  readonly learningRates = $derived(
    readNumbers(this.learningRatesText, { min: 1e-9, max: Infinity, whole: false }),
  )
  readonly nested = $derived(readNumbers(this.nestedText, { min: 1, max: Infinity, whole: true }))
  readonly error = $derived(this.seeds.error ?? this.learningRates.error ?? this.nested.error)

  readonly ofKinds: KindOptions = $derived({
    cosine: this.cosine,
    decoderNorm: this.decoderNorm === '' ? null : this.decoderNorm,
    resample: this.resample,
    auxK: this.auxK,
    auxWeight: this.auxWeight,
    bandwidth: this.bandwidth,
    nested: this.nested.values.toSorted((a, b) => a - b),
  })

  /** What holds for all SAEs of the run. */
  readonly ofRun: Omit<TrainRequest, 'source' | 'saes'> = $derived({
    normalisation: this.normalisation,
    centre: this.centre,
    skipPosition0: this.skipPosition0,
    ...given({
      tokens: this.tokens,
      batchTokens: this.batchTokens,
      learningRateWarmUp: this.learningRateWarmUp,
      learningRateDecay: this.learningRateDecay,
      sparsityWarmUp: this.sparsityWarmUp,
      clipNorm: this.clipNorm,
      deadAfter: this.deadAfter,
      ceEvery: this.ceEvery,
      checkpointEvery: this.checkpointEvery,
      backend: this.backend === '' ? null : this.backend,
      name: this.name.trim() === '' ? null : this.name.trim(),
    }),
    ...(this.beta1 === null && this.beta2 === null
      ? {}
      : { adam: given({ beta1: this.beta1, beta2: this.beta2 }) }),
  })
}
