import { assertNever } from '#contract/assert-never.ts'
import { problem } from '#contract/problem.ts'
import { selfContained } from '../sae/folding.ts'
import type { SaeWeights } from '../sae/weights.ts'

/** Kinds whose features do not each fire by themselves: which are kept depends on the others. */
export const choosesAmongFeatures = (weights: SaeWeights): boolean =>
  weights.threshold === undefined &&
  (weights.architecture === 'topk' ||
    weights.architecture === 'batchtopk' ||
    weights.architecture === 'matryoshka')

/**
 * The SAE with b_dec folded into b_enc and each feature firing by itself, so that any of its features can live in any
 * host: standard, jumprelu or gated.
 * @param fixedThreshold for kinds that keep the k largest: a feature fires where it is above this. Not exact; whoever
 *   uses it says so.
 * @throws Problem where the inputs are normalised per token.
 */
export function elementwiseForm(weights: SaeWeights, fixedThreshold: number | null): SaeWeights {
  const own = selfContained(weights)
  const { k: _k, rescaleActsByDecoderNorm: _rescale, ...rest } = own
  switch (own.architecture) {
    case 'standard':
    case 'tied':
      return { ...rest, architecture: 'standard' }
    case 'jumprelu':
    case 'gated':
      return own
    case 'topk':
    case 'batchtopk':
    case 'matryoshka': {
      if (own.threshold) return { ...rest, architecture: 'jumprelu', threshold: own.threshold }
      if (fixedThreshold === null)
        throw problem(
          'internal',
          own.architecture,
          'a threshold is needed for features that fire by themselves',
        )
      return {
        ...rest,
        architecture: 'jumprelu',
        threshold: new Float32Array(own.dSae).fill(fixedThreshold),
      }
    }
    default:
      return assertNever(own.architecture)
  }
}
