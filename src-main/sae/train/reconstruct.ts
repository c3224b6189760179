import { rowNorms } from '../folding.ts'
import type { SaeWeights, SparseCodes } from '../weights.ts'

/**
 * x̂ [rows, d] from codes, in the units of the activations: per-token normalisation is undone by each token's own
 * statistics (its norm; its mean and unbiased standard deviation, as SAELens' run_time_activation_ln_out does).
 * @param x [rows, d] the activations the codes are of, as they are
 */
export function reconstruct(weights: SaeWeights, codes: SparseCodes, x: Float32Array): Float32Array {
  const { dIn: d, decoder, bDec } = weights
  const out = new Float32Array(codes.rows * d)
  const row = new Float64Array(d)
  const norms = weights.rescaleActsByDecoderNorm ? rowNorms(decoder, d) : null
  for (let t = 0; t < codes.rows; t++) {
    for (let i = 0; i < d; i++) row[i] = bDec[i]
    for (let n = codes.start[t]; n < codes.start[t + 1]; n++) {
      const j = codes.feature[n]
      const at = j * d
      const value = norms ? codes.value[n] / (norms[j] || 1) : codes.value[n]
      for (let i = 0; i < d; i++) row[i] += value * decoder[at + i]
    }
    const { scale, shift } = tokenScale(weights, x, t * d)
    for (let i = 0; i < d; i++) out[t * d + i] = row[i] * scale + shift
  }
  return out
}

/** What takes a normalised token back: x = normalised · scale + shift. */
function tokenScale(weights: SaeWeights, x: Float32Array, at: number): { scale: number; shift: number } {
  const { normalizeActivations, dIn: d } = weights
  if (normalizeActivations === 'constant_norm_rescale') {
    let square = 0
    for (let i = at; i < at + d; i++) square += x[i] * x[i]
    return { scale: square > 0 ? Math.sqrt(square / d) : 1, shift: 0 }
  }
  if (normalizeActivations !== 'layer_norm') return { scale: 1, shift: 0 }
  let mean = 0
  for (let i = at; i < at + d; i++) mean += x[i]
  mean /= d
  let square = 0
  for (let i = at; i < at + d; i++) square += (x[i] - mean) ** 2
  return { scale: Math.sqrt(square / (d - 1)), shift: mean }
}
