/** Rows of a [rows, d] matrix in one flat array. */
export interface Rows {
  data: ArrayLike<number>
  rows: number
  d: number
}

/** x_i · y_j in float64. */
export function rowDot(x: Rows, i: number, y: Rows, j: number): number {
  let sum = 0
  for (let c = 0; c < x.d; c++) sum += x.data[i * x.d + c] * y.data[j * y.d + c]
  return sum
}

/** Cosine of two rows; 0 where one of them is the zero vector. */
export function cosine(x: Rows, i: number, y: Rows, j: number): number {
  const norms = Math.sqrt(rowDot(x, i, x, i) * rowDot(y, j, y, j))
  return norms === 0 ? 0 : rowDot(x, i, y, j) / norms
}

export interface MaxCosine {
  /** [x.rows] the largest cosine of each row of x with any row of y. */
  value: Float64Array
  /** [x.rows] the row of y it is reached at; the first where several are equal. */
  argmax: Int32Array
  /** Mean of the values: MCS of x in y. Not symmetric. */
  mean: number
}

/** For every row of x its most similar row of y. */
export function maxCosine(x: Rows, y: Rows): MaxCosine {
  const value = new Float64Array(x.rows).fill(-Infinity)
  const argmax = new Int32Array(x.rows).fill(-1)
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < y.rows; j++) {
      const c = cosine(x, i, y, j)
      if (c > value[i]) {
        value[i] = c
        argmax[i] = j
      }
    }
  return { value, argmax, mean: value.reduce((sum, v) => sum + v, 0) / x.rows }
}

/**
 * The expected largest cosine of a direction with n independent random directions in d dimensions: the null line of
 * every cosine plot (d=768: 0.114 for 768 others, 0.152 for 49,152).
 *
 * A single cosine has the density (1 − c²)^((d−3)/2) up to scale. With F its distribution function the maximum of n has
 * F^n, so its mean is 1 − ∫ F(c)^n dc over [−1, 1]. With c = sin φ the density is cos^(d−2) φ, smooth for every d ≥ 2.
 */
export function nullMaxCosine(d: number, n: number): number {
  if (n < 1 || d < 2) return d === 1 ? 1 - 2 ** (1 - n) : 0
  const steps = 20_000
  const h = Math.PI / steps
  const density = (i: number): number => Math.cos(-Math.PI / 2 + i * h) ** (d - 2)
  const cumulative = new Float64Array(steps + 1)
  for (let i = 1; i <= steps; i++) cumulative[i] = cumulative[i - 1] + (density(i - 1) + density(i)) / 2
  const total = cumulative[steps]
  let integral = 0
  for (let i = 0; i <= steps; i++) {
    const phi = -Math.PI / 2 + i * h
    const weight = i === 0 || i === steps ? 0.5 : 1
    integral += weight * (cumulative[i] / total) ** n * Math.cos(phi) * h
  }
  return 1 - integral
}
