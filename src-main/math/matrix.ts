// Plain float64 matrices, row after row in one array. Slow and obvious on purpose.

type Numbers = ArrayLike<number>

/** a [m, k] · bᵀ, b [n, k] → [m, n] */
export function timesTransposed(a: Numbers, b: Numbers, m: number, k: number, n: number): Float64Array {
  const out = new Float64Array(m * n)
  for (let r = 0; r < m; r++)
    for (let c = 0; c < n; c++) {
      let sum = 0
      for (let i = 0; i < k; i++) sum += a[r * k + i] * b[c * k + i]
      out[r * n + c] = sum
    }
  return out
}

/** a [m, k] · b [k, n] → [m, n] */
export function times(a: Numbers, b: Numbers, m: number, k: number, n: number): Float64Array {
  const out = new Float64Array(m * n)
  for (let r = 0; r < m; r++)
    for (let i = 0; i < k; i++) for (let c = 0; c < n; c++) out[r * n + c] += a[r * k + i] * b[i * n + c]
  return out
}

/** aᵀ · b, a [k, m], b [k, n] → [m, n] */
export function transposedTimes(a: Numbers, b: Numbers, k: number, m: number, n: number): Float64Array {
  const out = new Float64Array(m * n)
  for (let i = 0; i < k; i++)
    for (let r = 0; r < m; r++) for (let c = 0; c < n; c++) out[r * n + c] += a[i * m + r] * b[i * n + c]
  return out
}

/** a [rows, n] plus (or less) v [n] on every row. */
export function plusRow(a: Numbers, v: Numbers, sign = 1): Float64Array {
  return Float64Array.from(a, (value, i) => value + sign * v[i % v.length])
}

/** Sum over rows of a [rows, n] → [n] */
export function columnSums(a: Numbers, n: number): Float64Array {
  const out = new Float64Array(n)
  for (let i = 0; i < a.length; i++) out[i % n] += a[i]
  return out
}

/** Euclidean norm of each row of a [rows, n] → [rows] */
export function rowNorms(a: Numbers, n: number): Float64Array {
  return Float64Array.from({ length: a.length / n }, (_, r) => {
    let square = 0
    for (let i = r * n; i < (r + 1) * n; i++) square += a[i] * a[i]
    return Math.sqrt(square)
  })
}
