import { rowNorms } from './matrix.ts'

export interface AdamConstants {
  beta1: number
  beta2: number
  epsilon: number
}

/**
 * Adam (Kingma & Ba 2014, algorithm 1) in place: value, first and second moments of one tensor.
 * @param t number of this step, from 1
 */
export function adamStep(
  value: Float64Array,
  first: Float64Array,
  second: Float64Array,
  gradient: ArrayLike<number>,
  t: number,
  learningRate: number,
  { beta1, beta2, epsilon }: AdamConstants,
): void {
  for (let i = 0; i < value.length; i++) {
    first[i] = beta1 * first[i] + (1 - beta1) * gradient[i]
    second[i] = beta2 * second[i] + (1 - beta2) * gradient[i] ** 2
    const mean = first[i] / (1 - beta1 ** t)
    const square = second[i] / (1 - beta2 ** t)
    value[i] -= (learningRate * mean) / (Math.sqrt(square) + epsilon)
  }
}

/** Takes off each gradient row [F, d] its part along the unit row of `rows`. */
export function projectOffRows(gradient: Float64Array, rows: Float64Array, d: number): void {
  for (let start = 0; start < rows.length; start += d) {
    let along = 0
    for (let i = start; i < start + d; i++) along += gradient[i] * rows[i]
    for (let i = start; i < start + d; i++) gradient[i] -= along * rows[i]
  }
}

/** Scales each row [F, d] to norm 1; a zero row stays. */
export function normaliseRows(rows: Float64Array, d: number): void {
  const norms = rowNorms(rows, d)
  for (let i = 0; i < rows.length; i++) {
    const norm = norms[Math.floor(i / d)]
    if (norm > 0) rows[i] /= norm
  }
}
