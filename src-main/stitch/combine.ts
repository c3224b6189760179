import { problem } from '#contract/problem.ts'
import type { SaeWeights } from '../sae/weights.ts'

/** Features picked from one SAE, in its elementwise form (elementwise-form.ts). */
export interface Picked {
  weights: SaeWeights
  /** Feature numbers, in the order they come. */
  features: ArrayLike<number>
}

function rowsOf(picked: readonly Picked[], of: 'encoder' | 'decoder', d: number): Float32Array {
  const out = new Float32Array(picked.reduce((rows, { features }) => rows + features.length, 0) * d)
  let row = 0
  for (const { weights, features } of picked)
    for (let n = 0; n < features.length; n++, row++)
      out.set(weights[of].subarray(features[n] * d, (features[n] + 1) * d), row * d)
  return out
}

const valuesOf = (picked: readonly Picked[], of: (weights: SaeWeights, j: number) => number): Float32Array =>
  Float32Array.from(picked.flatMap(({ weights, features }) => Array.from(features, (j) => of(weights, j))))

const threshold = (weights: SaeWeights, j: number): number => weights.threshold?.[j] ?? 0

/** The gate's bias: a jumprelu or standard feature in gated form opens where pre + b_enc > threshold. */
const gate = (weights: SaeWeights, j: number): number => weights.bEnc[j] - threshold(weights, j)

/**
 * One SAE from features of several, each keeping its own encoder row and bias; the host's b_dec stays. The kind is the
 * simplest that holds them all: standard, jumprelu (thresholds) or gated.
 */
export function combine(picked: readonly Picked[], bDec: Float32Array): SaeWeights {
  const d = bDec.length
  const other = picked.find(({ weights }) => weights.dIn !== d)
  if (other)
    throw problem(
      'mismatch',
      'hybrid',
      `features of ${other.weights.dIn} and of ${d} values do not go together`,
    )
  const encoder = rowsOf(picked, 'encoder', d)
  const common = {
    dIn: d,
    dSae: encoder.length / d,
    encoder,
    decoder: rowsOf(picked, 'decoder', d),
    bDec,
    appliesBDecToInput: false,
    normalizeActivations: 'none' as const,
  }
  if (picked.some(({ weights }) => weights.architecture === 'gated'))
    return {
      ...common,
      architecture: 'gated',
      bEnc: valuesOf(picked, gate),
      rMag: valuesOf(picked, (weights, j) => weights.rMag?.[j] ?? 0),
      bMag: valuesOf(picked, (weights, j) => weights.bMag?.[j] ?? weights.bEnc[j]),
    }
  const bEnc = valuesOf(picked, (weights, j) => weights.bEnc[j])
  if (picked.some(({ weights }) => weights.threshold))
    return { ...common, architecture: 'jumprelu', bEnc, threshold: valuesOf(picked, threshold) }
  return { ...common, architecture: 'standard', bEnc }
}
