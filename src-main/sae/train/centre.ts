/** The mean of rows [rows, d], in float64. */
export function meanRow(x: Float32Array, d: number): Float64Array {
  const rows = x.length / d
  const mean = new Float64Array(d)
  for (let t = 0, at = 0; t < rows; t++) for (let i = 0; i < d; i++, at++) mean[i] += x[at]
  return mean.map((sum) => sum / rows)
}

/**
 * The geometric median of rows [rows, d]: the point with the least mean distance to them, by Weiszfeld's iteration
 * from the mean (Towards Monosemanticity starts b_dec there, since outliers pull a mean away).
 */
export function geometricMedian(
  x: Float32Array,
  d: number,
  iterations = 100,
  tolerance = 1e-8,
): Float64Array {
  const rows = x.length / d
  let centre = meanRow(x, d)
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = new Float64Array(d)
    let weights = 0
    for (let t = 0; t < rows; t++) {
      // A row on the centre itself would weigh infinitely much.
      const weight = 1 / Math.max(distance(x, t * d, centre), 1e-12)
      weights += weight
      for (let i = 0; i < d; i++) next[i] += weight * x[t * d + i]
    }
    let moved = 0
    let norm = 0
    for (let i = 0; i < d; i++) {
      next[i] /= weights
      moved += (next[i] - centre[i]) ** 2
      norm += next[i] ** 2
    }
    centre = next
    if (moved <= tolerance ** 2 * Math.max(norm, 1e-30)) break
  }
  return centre
}

function distance(x: Float32Array, at: number, centre: Float64Array): number {
  let sum = 0
  for (let i = 0; i < centre.length; i++) sum += (x[at + i] - centre[i]) ** 2
  return Math.sqrt(sum)
}
