export interface Eigen {
  /** [n] largest first. */
  values: Float64Array
  /** [n, n] row k is the unit eigenvector of values[k]. */
  vectors: Float64Array
}

/** Eigenvalues and eigenvectors of a symmetric matrix [n, n], by Jacobi's rotations (Golub & Van Loan, 8.5). */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): Eigen {
  const a = Float64Array.from(matrix)
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i++) v[i * n + i] = 1
  for (let sweep = 0; sweep < 60 && offDiagonal(a, n) > 1e-22 * trace2(a, n); sweep++)
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q)
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j] - a[i * n + i])
  const vectors = new Float64Array(n * n)
  order.forEach((from, k) => {
    for (let i = 0; i < n; i++) vectors[k * n + i] = v[i * n + from]
  })
  return { values: Float64Array.from(order, (i) => a[i * n + i]), vectors }
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) sum += a[i * n + j] ** 2
  return sum
}

function trace2(a: Float64Array, n: number): number {
  let sum = Number.MIN_VALUE
  for (let i = 0; i < n; i++) sum += a[i * n + i] ** 2
  return sum
}

/** Makes a_pq zero, in place, and turns the vectors with it. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]
  if (apq === 0) return
  const theta = (a[q * n + q] - a[p * n + p]) / (2 * apq)
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  for (let k = 0; k < n; k++) {
    const [akp, akq] = [a[k * n + p], a[k * n + q]]
    a[k * n + p] = c * akp - s * akq
    a[k * n + q] = s * akp + c * akq
  }
  for (let k = 0; k < n; k++) {
    const [apk, aqk] = [a[p * n + k], a[q * n + k]]
    a[p * n + k] = c * apk - s * aqk
    a[q * n + k] = s * apk + c * aqk
    const [vkp, vkq] = [v[k * n + p], v[k * n + q]]
    v[k * n + p] = c * vkp - s * vkq
    v[k * n + q] = s * vkp + c * vkq
  }
}
