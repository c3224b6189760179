import { assertNever } from '#contract/assert-never.ts'
import type { InputNormalisation } from '#contract/training.ts'

/** SAELens adds this to a token's standard deviation before dividing by it. */
const LAYER_NORM_EPSILON = 1e-5

/** √d / mean ‖x‖ over rows [rows, d]: the factor after which the mean norm is √d. 1 where all rows are zero. */
export function expectedAverageFactor(x: Float32Array, d: number): number {
  const rows = x.length / d
  let sum = 0
  for (let t = 0; t < rows; t++) sum += rowNorm(x, t * d, d)
  return sum > 0 ? (Math.sqrt(d) * rows) / sum : 1
}

/**
 * Normalises rows [rows, d] in place, as the SAE is to see them.
 * @param factor used by expected_average_only_in
 */
export function normaliseRows(
  x: Float32Array,
  d: number,
  normalisation: InputNormalisation,
  factor: number,
): void {
  switch (normalisation) {
    case 'none':
      return
    case 'expected_average_only_in':
      for (let i = 0; i < x.length; i++) x[i] *= factor
      return
    case 'constant_norm_rescale':
      for (let at = 0; at < x.length; at += d) scaleToNorm(x, at, d)
      return
    case 'layer_norm':
      for (let at = 0; at < x.length; at += d) standardise(x, at, d)
      return
    default:
      assertNever(normalisation)
  }
}

function rowNorm(x: Float32Array, at: number, d: number): number {
  let square = 0
  for (let i = at; i < at + d; i++) square += x[i] * x[i]
  return Math.sqrt(square)
}

function scaleToNorm(x: Float32Array, at: number, d: number): void {
  const norm = rowNorm(x, at, d)
  if (norm === 0) return
  const factor = Math.sqrt(d) / norm
  for (let i = at; i < at + d; i++) x[i] *= factor
}

/** Mean 0 and (unbiased) standard deviation 1. */
function standardise(x: Float32Array, at: number, d: number): void {
  let mean = 0
  for (let i = at; i < at + d; i++) mean += x[i]
  mean /= d
  let square = 0
  for (let i = at; i < at + d; i++) square += (x[i] - mean) ** 2
  const deviation = Math.sqrt(square / (d - 1)) + LAYER_NORM_EPSILON
  for (let i = at; i < at + d; i++) x[i] = (x[i] - mean) / deviation
}
