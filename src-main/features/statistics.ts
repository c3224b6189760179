import type { SparseCodes } from '../sae/weights.ts'

/**
 * Per feature, over the counted tokens. Sums are float64 in token order, so that they are the same however the work
 * was divided or interrupted.
 */
export interface FeatureStatistics {
  /** [dSae] counted tokens with a > 0. */
  count: Uint32Array
  /** [dSae] largest activation; 0 where the feature never fired. */
  max: Float32Array
  /** [dSae] the first token of the largest activation. */
  maxToken: Uint32Array
  /** [dSae] Σ a */
  sum: Float64Array
  /** [dSae] Σ a² */
  sumOfSquares: Float64Array
}

export const emptyStatistics = (dSae: number): FeatureStatistics => ({
  count: new Uint32Array(dSae),
  max: new Float32Array(dSae),
  maxToken: new Uint32Array(dSae),
  sum: new Float64Array(dSae),
  sumOfSquares: new Float64Array(dSae),
})

/** Adds one token's codes: row `row` of `codes`. */
export function addToStatistics(
  statistics: FeatureStatistics,
  codes: SparseCodes,
  row: number,
  token: number,
): void {
  const { count, max, maxToken, sum, sumOfSquares } = statistics
  for (let i = codes.start[row]; i < codes.start[row + 1]; i++) {
    const feature = codes.feature[i]
    const value = codes.value[i]
    count[feature]++
    sum[feature] += value
    sumOfSquares[feature] += value * value
    if (value > max[feature]) {
      max[feature] = value
      maxToken[feature] = token
    }
  }
}
