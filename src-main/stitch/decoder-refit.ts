import { residualOf } from '../compare/quality.ts'
import { TokenCodes } from '../compare/token-codes.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import { addGram } from './gram.ts'

export interface RefitOptions {
  /** ε in the loss below, against directions that no token decides. */
  ridge: number
  /** Conjugate gradients stop after so many steps … */
  iterations: number
  /** … or when the gradient has become this small, relative to its start. */
  tolerance: number
  onIteration?: (done: number) => void
}

/** Up to so many features AᵀA itself is kept: a step then costs the same however many tokens there were. */
const GRAM_FEATURES = 1024

/**
 * Refits the decoder of an SAE by linear least squares, encoder and b_dec as they are:
 * W = argmin Σ_t ‖x_t − b_dec − a_t W‖² + ε‖W‖² (maths: decoder refit).
 * First every batch is taken, then it is solved for the change of W, so that tokens are read once. Memory: AᵀA or the codes
 * of all tokens, and five matrices of the decoder's size.
 */
export class DecoderRefit {
  readonly #weights: SaeWeights
  readonly #codes = new TokenCodes()
  /** [dSae, dIn] Aᵀ R so far, R the residual with the present decoder. */
  readonly #right: Float32Array
  /** [dSae, dSae] AᵀA so far, in place of the codes. */
  readonly #gram: Float64Array | null

  constructor(weights: SaeWeights, asGram = weights.dSae <= GRAM_FEATURES) {
    this.#weights = weights
    this.#right = new Float32Array(weights.decoder.length)
    this.#gram = asGram ? new Float64Array(weights.dSae ** 2) : null
  }

  take(x: Float32Array, codes: SparseCodes): void {
    const { dIn, dSae } = this.#weights
    if (this.#gram) for (let t = 0; t < codes.rows; t++) addGram(codes, t, this.#gram, dSae)
    else this.#codes.append(codes)
    scatter(codes, residualOf(this.#weights, codes, x), this.#right, dIn)
  }

  /** The weights with the decoder that fits best. Features that never fired keep their direction. */
  solve(options: RefitOptions): SaeWeights {
    const { decoder, dIn, dSae } = this.#weights
    const [gram, codes] = [this.#gram, this.#codes.all()]
    const diagonal = new Float64Array(dSae)
    if (gram) for (let j = 0; j < dSae; j++) diagonal[j] = gram[j * dSae + j]
    for (let e = 0; e < codes.value.length; e++) diagonal[codes.feature[e]] += codes.value[e] ** 2
    const fires = (j: number): boolean => diagonal[j] > 0
    const right = this.#right.map((v, i) => (fires(Math.floor(i / dIn)) ? v - options.ridge * decoder[i] : 0))
    const normal = (p: Float32Array, out: Float32Array): void => {
      out.fill(0)
      if (gram) multiply(gram, p, out, dSae, dIn)
      else applyGram(codes, p, out, dIn)
      for (let i = 0; i < out.length; i++) out[i] += options.ridge * p[i]
    }
    const scale = diagonal.map((d) => (d > 0 ? 1 / (d + options.ridge) : 0))
    const change = conjugateGradients(normal, right, scale, dIn, options)
    return { ...this.#weights, decoder: decoder.map((w, i) => w + change[i]) }
  }
}

/** out_j += Σ_t a_tj rows_t */
function scatter(codes: SparseCodes, rows: Float32Array, out: Float32Array, d: number): void {
  for (let t = 0; t < codes.rows; t++)
    for (let e = codes.start[t]; e < codes.start[t + 1]; e++) {
      const a = codes.value[e]
      for (let c = 0, to = codes.feature[e] * d, from = t * d; c < d; c++) out[to + c] += a * rows[from + c]
    }
}

/** out = gram p for p [dSae, d]; pairs that never fire together are passed over. */
function multiply(gram: Float64Array, p: Float32Array, out: Float32Array, dSae: number, d: number): void {
  const row = new Float64Array(d)
  for (let j = 0; j < dSae; j++) {
    row.fill(0)
    for (let k = 0; k < dSae; k++) {
      const together = gram[j * dSae + k]
      if (together !== 0) for (let c = 0, at = k * d; c < d; c++) row[c] += together * p[at + c]
    }
    out.set(row, j * d)
  }
}

/** out += AᵀA p, token by token: the product A p is never held. */
function applyGram(codes: SparseCodes, p: Float32Array, out: Float32Array, d: number): void {
  const { start, feature, value, rows } = codes
  const row = new Float64Array(d)
  for (let t = 0; t < rows; t++) {
    row.fill(0)
    for (let e = start[t]; e < start[t + 1]; e++) {
      const a = value[e]
      for (let c = 0, at = feature[e] * d; c < d; c++) row[c] += a * p[at + c]
    }
    for (let e = start[t]; e < start[t + 1]; e++) {
      const a = value[e]
      for (let c = 0, at = feature[e] * d; c < d; c++) out[at + c] += a * row[c]
    }
  }
}

/** Σ_j x_jc y_jc scale_j for every column c. */
function columnDots(x: Float32Array, y: Float32Array, scale: Float64Array | null, d: number): Float64Array {
  const out = new Float64Array(d)
  for (let i = 0, j = 0; i < x.length; j++) {
    const s = scale ? scale[j] : 1
    for (let c = 0; c < d; c++, i++) out[c] += s * x[i] * y[i]
  }
  return out
}

/**
 * Solves N X = right for a symmetric positive N and every column of X [n, d] at once, preconditioned by `scale`, the
 * inverse of N's diagonal (Shewchuk 1994, B3).
 */
function conjugateGradients(
  apply: (p: Float32Array, out: Float32Array) => void,
  right: Float32Array,
  scale: Float64Array,
  d: number,
  { iterations, tolerance, onIteration }: RefitOptions,
): Float32Array {
  const solution = new Float32Array(right.length)
  const residual = right.slice()
  const direction = right.map((v, i) => v * scale[Math.floor(i / d)])
  const product = new Float32Array(right.length)
  let along = columnDots(residual, residual, scale, d)
  const start = along.reduce((sum, v) => sum + v, 0)
  for (let done = 0; done < iterations; done++) {
    if (along.reduce((sum, v) => sum + v, 0) <= tolerance ** 2 * start) break
    apply(direction, product)
    const curvature = columnDots(direction, product, null, d)
    const step = along.map((a, c) => (curvature[c] > 0 ? a / curvature[c] : 0))
    for (let i = 0; i < right.length; i++) {
      solution[i] += step[i % d] * direction[i]
      residual[i] -= step[i % d] * product[i]
    }
    const next = columnDots(residual, residual, scale, d)
    for (let i = 0; i < right.length; i++) {
      const c = i % d
      const keep = along[c] > 0 ? next[c] / along[c] : 0
      direction[i] = residual[i] * scale[Math.floor(i / d)] + keep * direction[i]
    }
    along = next
    onIteration?.(done + 1)
  }
  return solution
}
