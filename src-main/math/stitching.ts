import { rowDot, type Rows } from './cosine.ts'

/** A feature on T tokens: its activations [T], its direction as row `row` of `decoder`, and whether it comes or goes. */
export interface StitchedFeature {
  activations: ArrayLike<number>
  decoder: Rows
  row: number
  /** +1 added, −1 removed. */
  sign: 1 | -1
}

/**
 * ΔSSE of one feature alone: Σ_t [ −2 s a_t (r_t·w) + a_t² ‖w‖² ], with the residual r = x − x̂ of the host as rows [T, d].
 */
export function singleDelta(residual: Rows, feature: StitchedFeature): number {
  const { activations, decoder, row, sign } = feature
  const norm2 = rowDot(decoder, row, decoder, row)
  let delta = 0
  for (let t = 0; t < residual.rows; t++) {
    const a = activations[t]
    if (a !== 0) delta += -2 * sign * a * rowDot(residual, t, decoder, row) + a * a * norm2
  }
  return delta
}

/** ΔSSE of a set: Σ_j Δ_j + 2 Σ_{i<j} s_i s_j (a_iᵀa_j)(w_i·w_j). Never the sum of the single values alone. */
export function setDelta(residual: Rows, features: readonly StitchedFeature[]): number {
  let delta = 0
  features.forEach((one, i) => {
    delta += singleDelta(residual, one)
    for (const other of features.slice(0, i)) {
      let together = 0
      for (let t = 0; t < residual.rows; t++) together += one.activations[t] * other.activations[t]
      const along = rowDot(one.decoder, one.row, other.decoder, other.row)
      delta += 2 * one.sign * other.sign * together * along
    }
  })
  return delta
}

/** The residual after the features have come or gone: r_t − Σ_j s_j a_tj w_j, as a new [T, d] array. */
export function residualAfter(residual: Rows, features: readonly StitchedFeature[]): Float64Array {
  const after = Float64Array.from(residual.data)
  for (const { activations, decoder, row, sign } of features)
    for (let t = 0; t < residual.rows; t++)
      for (let c = 0; c < residual.d; c++)
        after[t * residual.d + c] -= sign * activations[t] * decoder.data[row * decoder.d + c]
  return after
}

/** Sum of squares: Σ_t ‖r_t‖². */
export function sumOfSquares(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i]
  return sum
}
