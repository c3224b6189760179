import { assertNever } from '#contract/assert-never.ts'
import { problem } from '#contract/problem.ts'
import { rowNorms } from '../../sae/folding.ts'
import type { SaeWeights } from '../../sae/weights.ts'

/** How an SAE's architecture chooses features at inference, in terms of what the kernels can do. */
export interface EncoderRule {
  /** Kept per token, or null where each feature has a cut of its own. */
  k: number | null
  /** A feature fires where its pre-activation exceeds this; absent means 0 for all. */
  cut?: Float32Array
  /** What each pre-activation is scaled by before choosing; absent means 1 for all. */
  scale?: Float64Array
  /** From the chosen pre-activation of feature j to its activation; 0 leaves the feature out. */
  value: (pre: number, feature: number) => number
}

/** @throws Problem when a tensor or number that the architecture needs is missing */
export function encoderRule(weights: SaeWeights): EncoderRule {
  const { architecture } = weights
  const same = (pre: number): number => pre
  switch (architecture) {
    case 'tied':
    case 'standard':
      return { k: null, value: same }
    case 'topk': {
      const k = needed(weights.k, 'k', architecture)
      const scale = weights.rescaleActsByDecoderNorm ? rowNorms(weights.decoder, weights.dIn) : undefined
      return { k: Math.min(k, weights.dSae), scale, value: same }
    }
    case 'jumprelu':
    case 'batchtopk':
    case 'matryoshka': {
      // Below 0 the ReLU decides.
      const cut = needed(weights.threshold, 'threshold', architecture).map((t) => Math.max(0, t))
      return { k: null, cut, value: same }
    }
    case 'gated': {
      const rMag = needed(weights.rMag, 'rMag', architecture)
      const bMag = needed(weights.bMag, 'bMag', architecture)
      const { bEnc } = weights
      return { k: null, value: (pre, j) => Math.max(0, (pre - bEnc[j]) * Math.exp(rMag[j]) + bMag[j]) }
    }
    default:
      return assertNever(architecture)
  }
}

function needed<T>(value: T | undefined, name: string, architecture: string): T {
  if (value === undefined)
    throw problem('mismatch', `${architecture} SAE`, `it has no ${name}, which encoding needs`)
  return value
}
