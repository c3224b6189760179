import type { SaeMetrics } from '#contract/sae.ts'
import type { SaeWeights, SparseCodes } from '../weights.ts'
import { reconstruct } from './reconstruct.ts'

/** Encodes with one SAE. Handed in by whoever knows where that is fast. */
export interface Encoder {
  encode(x: Float32Array, rows: number): Promise<SparseCodes>
  close(): Promise<void>
}
export type OpenEncoder = (weights: SaeWeights) => Promise<Encoder>

export type Measures = Pick<SaeMetrics, 'mse' | 'l0' | 'explainedVariance' | 'dead' | 'tokens'>

/**
 * Measures an SAE in one pass over chunks of activations [n, d], as they are: MSE is summed over d and averaged over
 * tokens; explained variance is 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖² with the mean x̄ of these tokens; dead features fired on none.
 */
export async function evaluateSae(
  weights: SaeWeights,
  encoder: Encoder,
  chunks: AsyncIterable<Float32Array>,
  onTokens: (tokens: number) => void = () => {},
): Promise<Measures> {
  const { dIn: d, dSae } = weights
  const fired = new Uint8Array(dSae)
  const sum = new Float64Array(d)
  let [tokens, squares, squaredError, active] = [0, 0, 0, 0]
  for await (const x of chunks) {
    const rows = x.length / d
    const codes = await encoder.encode(x, rows)
    const reconstruction = reconstruct(weights, codes, x)
    for (let t = 0, at = 0; t < rows; t++)
      for (let i = 0; i < d; i++, at++) {
        sum[i] += x[at]
        squares += x[at] * x[at]
        squaredError += (x[at] - reconstruction[at]) ** 2
      }
    const end = codes.start[rows]
    for (let n = 0; n < end; n++) fired[codes.feature[n]] = 1
    active += end
    tokens += rows
    onTokens(tokens)
  }
  const deviation = squares - sum.reduce((total, s) => total + (s * s) / tokens, 0)
  return {
    mse: squaredError / tokens,
    l0: active / tokens,
    explainedVariance: 1 - squaredError / deviation,
    dead: fired.reduce((count, f) => count + (f ? 0 : 1), 0),
    tokens,
  }
}
