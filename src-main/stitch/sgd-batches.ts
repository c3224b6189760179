import type { RowProduct } from '../compare/row-product.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import { batchOf, STEPS_A_PASS } from './decoder-sgd.ts'
import { addGram } from './gram.ts'

/** Batches are kept as Gram matrices where those take at most so many numbers: a quarter of a gigabyte. */
const MOST_NUMBERS = 2 ** 26

export const fitAsGrams = (dSae: number): boolean => STEPS_A_PASS * dSae * dSae <= MOST_NUMBERS

type Shape = Pick<SaeWeights, 'dIn' | 'dSae' | 'bDec'>

/** What a step needs of a batch of tokens, whichever way it is kept. */
export interface Descent {
  rows: number
  /** Σ_t ‖x_t − b_dec − a_t W‖² before the step. */
  sse: number
}

/**
 * The gradient Σ_t a_tj (x_t − b_dec − a_t W) of a batch, token by token.
 * @param x [rows, dIn]
 * @param from the first of the batch's tokens among the codes
 * @param out [dSae, dIn]
 */
export function gradientOfTokens(
  { dIn: d, bDec, decoder }: SaeWeights,
  x: Float32Array,
  { start, feature, value }: SparseCodes,
  from: number,
  out: Float32Array,
): Descent {
  const rows = x.length / d
  const residual = new Float64Array(d)
  let sse = 0
  out.fill(0)
  for (let t = 0; t < rows; t++) {
    const [first, end] = [start[from + t], start[from + t + 1]]
    for (let c = 0, at = t * d; c < d; c++) residual[c] = x[at + c] - bDec[c]
    for (let e = first; e < end; e++)
      for (let c = 0, a = value[e], at = feature[e] * d; c < d; c++) residual[c] -= a * decoder[at + c]
    for (let c = 0; c < d; c++) sse += residual[c] * residual[c]
    for (let e = first; e < end; e++)
      for (let c = 0, a = value[e], at = feature[e] * d; c < d; c++) out[at + c] += a * residual[c]
  }
  return { rows, sse }
}

interface GramBatch {
  rows: number
  /** [dSae, dSae] Σ_t a_tᵀ a_t */
  gram: Float32Array
  /** [dSae, dIn] Σ_t a_tᵀ (x_t − b_dec) */
  right: Float32Array
  /** Σ_t ‖x_t − b_dec‖² */
  squares: number
}

/**
 * Batches of tokens as what their gradient is made of, Σ aᵀ(x − b) − (Σ aᵀa) W: tokens are read and encoded once, and a
 * step is one product of matrices, whatever the number of tokens.
 */
export class GramBatches {
  readonly #shape: Shape
  readonly #size: number
  readonly #batches: GramBatch[] = []

  /** @param tokens how many will come */
  constructor(shape: Shape, tokens: number) {
    this.#shape = shape
    this.#size = batchOf(tokens)
  }

  get count(): number {
    return this.#batches.length
  }

  take(x: Float32Array, codes: SparseCodes): void {
    for (let from = 0; from < codes.rows;) {
      let batch = this.#batches.at(-1)
      if (!batch || batch.rows >= this.#size) this.#batches.push((batch = this.#empty()))
      const to = Math.min(codes.rows, from + this.#size - batch.rows)
      this.#add(batch, x, codes, from, to)
      from = to
    }
  }

  #empty(): GramBatch {
    const { dSae, dIn } = this.#shape
    return {
      rows: 0,
      gram: new Float32Array(dSae * dSae),
      right: new Float32Array(dSae * dIn),
      squares: 0,
    }
  }

  #add(batch: GramBatch, x: Float32Array, codes: SparseCodes, from: number, to: number): void {
    const { dIn: d, dSae, bDec } = this.#shape
    const { start, feature, value } = codes
    const { gram, right } = batch
    const target = new Float64Array(d)
    for (let t = from; t < to; t++) {
      for (let c = 0; c < d; c++) {
        target[c] = x[t * d + c] - bDec[c]
        batch.squares += target[c] * target[c]
      }
      for (let e = start[t]; e < start[t + 1]; e++) {
        const a = value[e]
        for (let c = 0, at = feature[e] * d; c < d; c++) right[at + c] += a * target[c]
      }
      addGram(codes, t, gram, dSae)
    }
    batch.rows += to - from
  }

  /**
   * @param product of rows of dSae numbers
   * @param transposed [dIn, dSae] room for Wᵀ
   * @param out [dSae, dIn] the gradient
   */
  async gradient(
    number: number,
    { decoder }: SaeWeights,
    product: RowProduct,
    transposed: Float32Array,
    out: Float32Array,
  ): Promise<Descent> {
    const { dIn, dSae } = this.#shape
    const { rows, gram, right, squares } = this.#batches[number]
    for (let j = 0, at = 0; j < dSae; j++)
      for (let c = 0; c < dIn; c++, at++) transposed[c * dSae + j] = decoder[at]
    await product.multiply(gram, dSae, transposed, dIn, out)
    let sse = squares
    for (let i = 0; i < out.length; i++) {
      sse += decoder[i] * (out[i] - 2 * right[i])
      out[i] = right[i] - out[i]
    }
    return { rows, sse }
  }
}
