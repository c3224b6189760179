import { rowNorms } from './folding.ts'
import type { SaeWeights, SparseCodes } from './weights.ts'

/** What a token's reconstruction is multiplied by and moved by, to undo the normalisation of its input. */
interface Undo {
  factor: number
  shift: number
}

/** SAELens' run_time_activation_norm_fn_out: the factor is of that token's own input. */
function undoOf(x: Float32Array, from: number, dIn: number, how: SaeWeights['normalizeActivations']): Undo {
  if (how !== 'layer_norm' && how !== 'constant_norm_rescale') return { factor: 1, shift: 0 }
  let sum = 0
  let squares = 0
  for (let i = from; i < from + dIn; i++) {
    sum += x[i]
    squares += x[i] * x[i]
  }
  if (how === 'constant_norm_rescale') return { factor: Math.sqrt(squares / dIn), shift: 0 }
  const mean = sum / dIn
  let spread = 0
  for (let i = from; i < from + dIn; i++) spread += (x[i] - mean) ** 2
  return { factor: Math.sqrt(spread / (dIn - 1)), shift: mean }
}

/**
 * Reconstructions of tokens from their codes: x̂ = Σ_j a_j W_dec,j + b_dec, the normalisation of the input undone.
 * @param x the inputs that were encoded, [codes.rows, dIn]; only needed for a normalisation per token
 * @returns [codes.rows, dIn]
 */
export function decode(weights: SaeWeights, codes: SparseCodes, x: Float32Array): Float32Array {
  const { dIn, decoder, bDec, normalizeActivations } = weights
  const norms = weights.rescaleActsByDecoderNorm ? rowNorms(decoder, dIn) : null
  const out = new Float32Array(codes.rows * dIn)
  const row = new Float64Array(dIn)
  for (let t = 0; t < codes.rows; t++) {
    row.set(bDec)
    for (let at = codes.start[t]; at < codes.start[t + 1]; at++) {
      const j = codes.feature[at]
      const a = norms ? codes.value[at] / (norms[j] || 1) : codes.value[at]
      for (let i = 0; i < dIn; i++) row[i] += a * decoder[j * dIn + i]
    }
    const { factor, shift } = undoOf(x, t * dIn, dIn, normalizeActivations)
    for (let i = 0; i < dIn; i++) out[t * dIn + i] = row[i] * factor + shift
  }
  return out
}
