import { assertNever } from '#contract/assert-never.ts'
import type { RunSettings, SaeSpec } from '#contract/training.ts'
import type { StepSettings, TraineeConfig } from '../backend.ts'

/** The options that a spec may leave open. */
type Open = 'learningRate' | 'sparsity' | 'k' | 'auxK' | 'bandwidth' | 'widths'
type Decided<S> = { [K in keyof S]: K extends Open ? NonNullable<S[K]> : S[K] }
/** A spec with every default worked out. */
export type SaeOptions = Decided<SaeSpec>

/**
 * Wider dictionaries want smaller steps, ∝ 1/√F (as in dictionary_learning and sparsify); Adam moves every value by
 * about the rate, and the values of a row of norm 1 are about 1/√d, so ∝ 1/√d too. 1.4e-4 for d 768 and F 16,384.
 */
const learningRateFor = (width: number, dIn: number): number => Math.min(5e-3, 0.5 / Math.sqrt(width * dIn))

/**
 * λ for inputs of mean norm √d. MSE grows with d and the sum of activations with √d, so L1 weighs ∝ √d and L0 ∝ d
 * for the same number of features per token.
 */
const l1WeightFor = (dIn: number): number => 0.1 * Math.sqrt(dIn)
/** A gate is pulled up by its own reconstruction, too. */
const GATE_SHARE = 1.4
const l0WeightFor = (dIn: number): number => dIn / 320
/**
 * Activations grow with the inputs' norm √d, and so must the distance from a threshold within which they move it: too
 * narrow, and hardly any does. 0.1 at d 64 reaches a lower error at the same L0 than 0.05 (scripts/bench/quality.ts).
 */
const bandwidthFor = (dIn: number): number => Math.sqrt(dIn) / 80

/** Each nested dictionary is about twice the one before (Bussmann et al. 2025 §4 use 1/32 … 1/2, 1). */
function nestedWidths(width: number): number[] {
  const widths = [16, 8, 4, 2, 1].map((part) => Math.round(width / part))
  return [...new Set(widths.filter((w) => w > 0))]
}

/** Fills in what a spec leaves open. Deciding twice changes nothing. */
export function decideOptions(spec: SaeSpec, dIn: number): SaeOptions {
  const learningRate = spec.learningRate ?? learningRateFor(spec.width, dIn)
  switch (spec.architecture) {
    case 'tied':
    case 'standard':
      return { ...spec, learningRate, sparsity: spec.sparsity ?? l1WeightFor(dIn) }
    case 'gated':
      return { ...spec, learningRate, sparsity: spec.sparsity ?? GATE_SHARE * l1WeightFor(dIn) }
    case 'jumprelu':
      return {
        ...spec,
        learningRate,
        sparsity: spec.sparsity ?? l0WeightFor(dIn),
        bandwidth: spec.bandwidth ?? bandwidthFor(dIn),
      }
    case 'topk':
    case 'batchtopk':
      return { ...spec, learningRate, ...kept(spec, dIn) }
    case 'matryoshka':
      return { ...spec, learningRate, ...kept(spec, dIn), widths: spec.widths ?? nestedWidths(spec.width) }
    default:
      return assertNever(spec)
  }
}

/** 32 of many features, as Gao et al. 2024 release; fewer where the activations are narrow. auxK: about d/2 (§A.2). */
function kept(
  { k, auxK, width }: Pick<Extract<SaeSpec, { architecture: 'topk' }>, 'k' | 'auxK' | 'width'>,
  dIn: number,
): { k: number; auxK: number } {
  return {
    k: k ?? Math.min(32, Math.max(1, Math.round(dIn / 4)), width),
    auxK: auxK ?? Math.min(width, Math.max(1, Math.round(dIn / 2))),
  }
}

/**
 * The running mean of the threshold looks back over a tenth of a run at most: in a short one, a mean that is slower would
 * still remember the first steps, where activations are small, and far more than k features would pass it.
 */
const thresholdRateIn = (rate: number, { steps }: RunSettings): number =>
  Math.min(1, Math.max(rate, 10 / steps))

/** What the backend is to train. */
export function traineeConfig(options: SaeOptions, settings: RunSettings, dIn: number): TraineeConfig {
  const size = { dIn, dSae: options.width, adam: settings.adam, deadAfter: settings.deadAfter }
  switch (options.architecture) {
    case 'tied':
      return { ...size, architecture: 'tied' }
    case 'standard':
    case 'gated':
      return { ...size, architecture: options.architecture, decoderNorm: options.decoderNorm }
    case 'jumprelu': {
      const { architecture, decoderNorm, bandwidth } = options
      return { ...size, architecture, decoderNorm, bandwidth }
    }
    case 'topk': {
      const { architecture, decoderNorm, k, auxK } = options
      return { ...size, architecture, decoderNorm, k, auxK }
    }
    case 'batchtopk': {
      const { architecture, decoderNorm, k, auxK } = options
      const thresholdRate = thresholdRateIn(options.thresholdRate, settings)
      return { ...size, architecture, decoderNorm, k, auxK, thresholdRate }
    }
    case 'matryoshka': {
      const { architecture, decoderNorm, k, auxK, widths } = options
      const thresholdRate = thresholdRateIn(options.thresholdRate, settings)
      return { ...size, architecture, decoderNorm, k, auxK, thresholdRate, widths }
    }
    default:
      return assertNever(options)
  }
}

/** What stays the same over the steps of one SAE; learning rate and λ are the schedule's. */
export function constantStepSettings(
  options: SaeOptions,
  settings: RunSettings,
): Pick<StepSettings, 'aux' | 'cosine' | 'clipNorm'> {
  const aux =
    'auxWeight' in options ? options.auxWeight : options.architecture === 'gated' ? GATED_AUX_WEIGHT : 0
  return { aux, cosine: options.cosine, clipNorm: settings.clipNorm }
}
/** Rajamanoharan et al. 2024 §3.2 add the frozen-decoder reconstruction with weight 1. */
const GATED_AUX_WEIGHT = 1

/** λ at full strength; null for the kinds that keep the k largest. */
export const fullSparsity = (options: SaeOptions): number | null =>
  'sparsity' in options ? options.sparsity : null

/** A name for an SAE that has been given none: what tells it apart in a sweep. */
export function saeName(options: SaeOptions, hookName: string): string {
  const amount =
    'k' in options
      ? `k${options.k}`
      : options.targetL0 !== null
        ? `L0 ${options.targetL0}`
        : `λ${Number(options.sparsity.toPrecision(3))}`
  const seed = options.seed === 0 ? '' : ` seed ${options.seed}`
  return `${options.architecture}-${options.width} ${amount}${seed} · ${hookName}`
}
