/** ‖x‖ of row `row`, in float64. */
export function rowNorm(x: Float32Array, row: number, dIn: number): number {
  let sum = 0
  for (let i = row * dIn; i < (row + 1) * dIn; i++) sum += x[i] * x[i]
  return Math.sqrt(sum)
}

/** Tokens, from the first of a set, whose norms give its median norm. */
export const NORM_SAMPLE = 16_384

/**
 * The norm above which tokens are left out: `multiple` times the median over the rows of x that `counts`.
 * (SAEDashboard's ignore_high_activation_norm_multiple takes the median of each minibatch; one for the whole set
 * leaves the same tokens out whatever the batches are.)
 */
export function normLimit(
  x: Float32Array,
  dIn: number,
  multiple: number,
  counts: (row: number) => boolean,
): number {
  const norms = Array.from({ length: x.length / dIn }, (_, row) => row)
    .filter(counts)
    .map((row) => rowNorm(x, row, dIn))
    .sort((a, b) => a - b)
  if (norms.length === 0) return Infinity
  const middle = norms.length >> 1
  const median = norms.length % 2 === 1 ? norms[middle] : (norms[middle - 1] + norms[middle]) / 2
  return multiple * median
}
