import { normal, seededRandom } from '../../../src-main/math/random.ts'
import type { SaeWeights, SparseCodes } from '../../../src-main/sae/weights.ts'

/** A standard SAE of random weights with b_dec applied to the input. */
export function madeSae(dSae: number, dIn: number, seed: number): SaeWeights {
  const random = seededRandom(seed)
  const numbers = (n: number, scale: number): Float32Array =>
    Float32Array.from({ length: n }, () => normal(random) * scale)
  return {
    architecture: 'standard',
    dIn,
    dSae,
    encoder: numbers(dSae * dIn, 0.6),
    bEnc: numbers(dSae, 0.3).map((b) => b - 0.4),
    decoder: numbers(dSae * dIn, 0.4),
    bDec: numbers(dIn, 0.2),
    appliesBDecToInput: true,
    normalizeActivations: 'none',
  }
}

export const madeActivations = (rows: number, dIn: number, seed: number): Float32Array => {
  const random = seededRandom(seed)
  return Float32Array.from({ length: rows * dIn }, () => normal(random))
}

/** One activation by the definition of each kind, in float64. */
function fires(weights: SaeWeights, j: number, x: Float32Array, t: number): number {
  const { dIn, encoder, bEnc, bDec, appliesBDecToInput, architecture, threshold, rMag, bMag } = weights
  let product = 0
  for (let c = 0; c < dIn; c++)
    product += (x[t * dIn + c] - (appliesBDecToInput ? bDec[c] : 0)) * encoder[j * dIn + c]
  const pre = product + bEnc[j]
  if (architecture === 'gated' && rMag && bMag)
    return pre > 0 ? Math.max(0, product * Math.exp(rMag[j]) + bMag[j]) : 0
  return pre > (threshold?.[j] ?? 0) ? pre : 0
}

/** Codes by plain loops; topk keeps the k largest. */
export function plainCodes(weights: SaeWeights, x: Float32Array): SparseCodes {
  const rows = x.length / weights.dIn
  const start = new Uint32Array(rows + 1)
  const [feature, value]: [number[], number[]] = [[], []]
  for (let t = 0; t < rows; t++) {
    let found = Array.from({ length: weights.dSae }, (_, j) => [j, fires(weights, j, x, t)]).filter(
      ([, a]) => a > 0,
    )
    if (weights.architecture === 'topk')
      found = found
        .sort((p, q) => q[1] - p[1])
        .slice(0, weights.k)
        .sort((p, q) => p[0] - q[0])
    for (const [j, a] of found) {
      feature.push(j)
      value.push(a)
    }
    start[t + 1] = feature.length
  }
  return { rows, start, feature: Uint32Array.from(feature), value: Float32Array.from(value) }
}

/** Σ‖x − x̂‖² and the mean number of active features, by plain loops in float64. */
export function plainError(weights: SaeWeights, x: Float32Array): { sse: number; l0: number } {
  const { dIn, decoder, bDec } = weights
  const codes = plainCodes(weights, x)
  let sse = 0
  for (let t = 0; t < codes.rows; t++)
    for (let c = 0; c < dIn; c++) {
      let r = x[t * dIn + c] - bDec[c]
      for (let e = codes.start[t]; e < codes.start[t + 1]; e++)
        r -= codes.value[e] * decoder[codes.feature[e] * dIn + c]
      sse += r * r
    }
  return { sse, l0: codes.start[codes.rows] / codes.rows }
}
