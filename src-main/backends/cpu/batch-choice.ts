import { problem } from '#contract/problem.ts'
import type { Crew } from './crew.ts'
import { LEVELS } from './capacity.ts'
import type { Layout } from './layout.ts'
import type { Orders } from './step-thread.ts'

/** How far below a guess the smallest kept value is looked for first. */
const MARGIN = 0.8

/**
 * The k·rows largest pre-activations of a batch, exactly: everything above a cut is gathered, then the largest of
 * those are kept. A cut that lies a little too low costs nothing; where the guess lets through too few or too many,
 * the heights are counted first.
 */
export class BatchChoice {
  readonly #memory: WebAssembly.Memory
  readonly #layout: Layout
  readonly #crew: Crew
  readonly k: number
  #lastSmallest = 0

  constructor(memory: WebAssembly.Memory, layout: Layout, crew: Crew, k: number) {
    this.#memory = memory
    this.#layout = layout
    this.#crew = crew
    this.k = k
  }

  /**
   * Encodes and keeps the batch's largest.
   * @param sampled the smallest kept value as a sample of the batch has it; without one, the last batch's is as good:
   *   the guess decides how long it takes, and only with pruning also how values are rounded
   * @returns the smallest kept value; 0 when nothing fires
   */
  async encode(orders: Orders, sampled: number | null): Promise<number> {
    const wanted = this.k * orders.rows
    const guess = (sampled ?? this.#lastSmallest) * MARGIN
    const guessed = guess > 0 && (await this.#gather(orders, guess)) && this.#count(orders.rows) >= wanted
    if (!guessed && !(await this.#gather(orders, await this.#exactCut(orders, wanted))))
      throw problem(
        'unsupported',
        'batch',
        `its ${wanted} largest activations fall on too few of its ${orders.rows} tokens to be held`,
        'Shuffle the activations, or choose a smaller k.',
      )
    const { codes } = this.#layout
    const { rowStart, rowCount, feature, value, spare } = codes
    const smallest = this.#crew.own.kernels.keepLargestOfBatch(
      ...[orders.rows, wanted, rowStart, rowCount, feature, value, spare],
    )
    this.#lastSmallest = smallest
    return smallest
  }

  #gather(orders: Orders, cut: number): Promise<boolean> {
    const { arrays, features } = this.#layout
    new Float32Array(this.#memory.buffer, arrays.cut, features).fill(cut)
    return this.#crew.run('encode', orders)
  }

  #count(rows: number): number {
    const counts = new Uint32Array(this.#memory.buffer, this.#layout.codes.rowCount, rows)
    return counts.reduce((sum, count) => sum + count, 0)
  }

  /** The highest level at or above which there are at least `wanted` values; just below its edge. 0 if there is none. */
  async #exactCut(orders: Orders, wanted: number): Promise<number> {
    const levels = this.#layout.threads.map(
      ({ levels }) => new Uint32Array(this.#memory.buffer, levels, LEVELS),
    )
    for (const counts of levels) counts.fill(0)
    await this.#crew.run('countLevels', orders)
    let above = 0
    for (let level = LEVELS - 1; level > 0; level--) {
      for (const counts of levels) above += counts[level]
      if (above >= wanted) return new Float32Array(Uint32Array.of((level << 16) - 1).buffer)[0]
    }
    return 0
  }
}
