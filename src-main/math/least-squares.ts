/** Solves A X = B for a symmetric positive definite A [n, n] and B [n, m], by Cholesky's decomposition in float64. */
export function solvePositive(a: ArrayLike<number>, b: ArrayLike<number>, n: number): Float64Array {
  const lower = Float64Array.from(a)
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let sum = lower[i * n + j]
      for (let k = 0; k < j; k++) sum -= lower[i * n + k] * lower[j * n + k]
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / lower[j * n + j]
    }
  const x = Float64Array.from(b)
  const m = b.length / n
  for (let c = 0; c < m; c++) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i * m + c] -= lower[i * n + k] * x[k * m + c]
      x[i * m + c] /= lower[i * n + i]
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i * m + c] -= lower[k * n + i] * x[k * m + c]
      x[i * m + c] /= lower[i * n + i]
    }
  }
  return x
}

/** W [n, m] = argmin ‖Y − X W‖² + ridge ‖W‖² for X [T, n], Y [T, m], by the normal equations. */
export function ridgeRegression(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  n: number,
  m: number,
  ridge: number,
): Float64Array {
  const rows = x.length / n
  const gram = new Float64Array(n * n)
  const product = new Float64Array(n * m)
  for (let t = 0; t < rows; t++)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) gram[i * n + j] += x[t * n + i] * x[t * n + j]
      for (let c = 0; c < m; c++) product[i * m + c] += x[t * n + i] * y[t * m + c]
    }
  for (let i = 0; i < n; i++) gram[i * n + i] += ridge
  return solvePositive(gram, product, n)
}
