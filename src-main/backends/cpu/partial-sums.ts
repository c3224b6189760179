import type { Layout } from './layout.ts'
import { SUMS, SUMS_BYTES, type Sums } from './structs.ts'

/** Adds up what the parts of a task left behind, in their order. */
export class PartialSums {
  readonly #memory: WebAssembly.Memory
  readonly #layout: Layout

  constructor(memory: WebAssembly.Memory, layout: Layout) {
    this.#memory = memory
    this.#layout = layout
  }

  forward(parts: number): Sums {
    return this.#sums(this.#layout.partial.forwardSums, parts)
  }

  update(parts: number): Sums {
    return this.#sums(this.#layout.partial.updateSums, parts)
  }

  cosine(parts: number): number {
    const sums = new Float64Array(this.#memory.buffer, this.#layout.partial.cosineSums, parts)
    return sums.reduce((total, sum) => total + sum, 0)
  }

  /** ∂loss/∂b_dec [d]: the error's sum, less what moves the encoder's input (maths §2). */
  bDecGradient(forwardParts: number, updateParts: number): Float64Array {
    const { partial } = this.#layout
    const gradient = this.#rows(partial.errorSums, forwardParts)
    const through = this.#rows(partial.biasSums, updateParts)
    return gradient.map((sum, i) => sum - through[i])
  }

  /** Σ ‖x − x̄‖² over the batch, x̄ its mean. */
  squaredDeviation(rows: number, blocks: number): number {
    const { partial } = this.#layout
    const sums = this.#columns(partial.columnSums, blocks)
    const squares = this.#columns(partial.columnSquares, blocks)
    return squares.reduce((total, square, i) => total + Math.max(0, square - sums[i] ** 2 / rows), 0)
  }

  /** [d] root mean square of each column of x − b_dec over the batch. */
  columnSizes(rows: number, blocks: number): Float64Array {
    return this.#columns(this.#layout.partial.columnSquares, blocks).map((square) => Math.sqrt(square / rows))
  }

  /** Sums over the blocks of float64 columns [d]. */
  #columns(address: number, blocks: number): Float64Array {
    const { d } = this.#layout
    const total = new Float64Array(d)
    const values = new Float64Array(this.#memory.buffer, address, blocks * d)
    for (let i = 0; i < values.length; i++) total[i % d] += values[i]
    return total
  }

  #sums(address: number, parts: number): Sums {
    const total = { squaredError: 0, reconstruction: 0, sparsity: 0, aux: 0, count: 0, gradientSquares: 0 }
    const values = new Float64Array(this.#memory.buffer, address, (parts * SUMS_BYTES) / 8)
    for (let part = 0; part < parts; part++)
      SUMS.forEach((name, i) => (total[name] += values[part * SUMS.length + i]))
    return total
  }

  #rows(address: number, parts: number): Float64Array {
    const { d } = this.#layout
    const total = new Float64Array(d)
    const values = new Float32Array(this.#memory.buffer, address, parts * d)
    for (let part = 0, at = 0; part < parts; part++) for (let i = 0; i < d; i++, at++) total[i] += values[at]
    return total
  }
}
