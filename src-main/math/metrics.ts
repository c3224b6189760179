// Maths §5, one formula each. Rows are tokens; sums run over all rows given, so masking is the caller's.

type Numbers = ArrayLike<number>

/** Mean over tokens of the sum over d of the squared error; x, out [rows, d]. */
export function mse(x: Numbers, out: Numbers, rows: number): number {
  return squaredDistance(x, out) / rows
}

/** 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖², x̄ the mean of each dimension over these tokens. */
export function explainedVariance(x: Numbers, out: Numbers, rows: number): number {
  return 1 - squaredDistance(x, out) / squaredDeviation(x, rows)
}

/** Σ‖x − x̄‖² over the tokens given. */
export function squaredDeviation(x: Numbers, rows: number): number {
  const d = x.length / rows
  const mean = new Float64Array(d)
  for (let i = 0; i < x.length; i++) mean[i % d] += x[i] / rows
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += (x[i] - mean[i % d]) ** 2
  return sum
}

/** The older per-token variant, mean_t(1 − ‖x−x̂‖²/‖x−x̄‖²): only ever shown under its own name. */
export function explainedVarianceLegacy(x: Numbers, out: Numbers, rows: number): number {
  const d = x.length / rows
  const mean = new Float64Array(d)
  for (let i = 0; i < x.length; i++) mean[i % d] += x[i] / rows
  let sum = 0
  for (let start = 0; start < x.length; start += d) {
    let error = 0
    let deviation = 0
    for (let i = 0; i < d; i++) {
      error += (x[start + i] - out[start + i]) ** 2
      deviation += (x[start + i] - mean[i]) ** 2
    }
    sum += 1 - error / deviation
  }
  return sum / rows
}

/** Mean count of a > 0 per token; codes [rows, F]. */
export function l0(codes: Numbers, rows: number): number {
  let count = 0
  for (let i = 0; i < codes.length; i++) if (codes[i] > 0) count++
  return count / rows
}

/** Mean sum of activations per token. */
export function l1(codes: Numbers, rows: number): number {
  let sum = 0
  for (let i = 0; i < codes.length; i++) sum += codes[i]
  return sum / rows
}

function squaredDistance(x: Numbers, y: Numbers): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += (x[i] - y[i]) ** 2
  return sum
}
