// Regression of one variable on a few, all standardised: everything follows from the correlations among the predictors,
// r [n, n], and with the target, s [n].

/** 1 − residual variance: 2 w·s − wᵀ r w. */
export function explained(r: ArrayLike<number>, s: ArrayLike<number>, w: ArrayLike<number>): number {
  const n = s.length
  let value = 0
  for (let i = 0; i < n; i++) {
    let row = 0
    for (let j = 0; j < n; j++) row += r[i * n + j] * w[j]
    value += w[i] * (2 * s[i] - row)
  }
  return value
}

/**
 * argmin ½ (1 − 2 w·s + wᵀ r w) + penalty ‖w‖₁, by coordinate descent (Friedman, Hastie & Tibshirani 2010). A penalty of
 * max |s| or more keeps no predictor.
 */
export function lasso(r: ArrayLike<number>, s: ArrayLike<number>, penalty: number): Float64Array {
  const n = s.length
  const w = new Float64Array(n)
  for (let sweep = 0; sweep < 1000; sweep++) {
    let moved = 0
    for (let i = 0; i < n; i++) {
      let left = s[i]
      for (let j = 0; j < n; j++) if (j !== i) left -= r[i * n + j] * w[j]
      const next = (Math.sign(left) * Math.max(0, Math.abs(left) - penalty)) / r[i * n + i]
      moved = Math.max(moved, Math.abs(next - w[i]))
      w[i] = next
    }
    if (moved < 1e-7) break
  }
  return w
}
