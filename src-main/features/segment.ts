import type { SparseCodes } from '../sae/weights.ts'
import type { GatheredRun } from './index-journal.ts'
import type { Postings } from './postings.ts'

/** Codes sorted at once. */
const LOT = 2 ** 22

/** The codes of a run of tokens, gathered in token order and handed out by feature. Memory is reused by the next run. */
export class Segment {
  readonly dSae: number
  /** Non-zero codes gathered. */
  size = 0
  #feature = new Uint32Array(1 << 16)
  #value = new Float32Array(1 << 16)
  /** The token of each row that was added, and where its codes end. */
  readonly #rowToken: number[] = []
  readonly #rowEnd: number[] = []
  #sorted: Postings = { token: new Uint32Array(0), value: new Float32Array(0) }

  constructor(dSae: number) {
    this.dSae = dSae
  }

  /** Adds row `row` of `codes` as the codes of `token`; tokens come in ascending order. */
  add(codes: SparseCodes, row: number, token: number): void {
    const from = codes.start[row]
    const to = codes.start[row + 1]
    if (this.size + to - from > this.#feature.length) this.#grow(this.size + to - from)
    for (let i = from; i < to; i++) {
      this.#feature[this.size] = codes.feature[i]
      this.#value[this.size++] = codes.value[i]
    }
    this.#rowToken.push(token)
    this.#rowEnd.push(this.size)
  }

  /**
   * Calls back once per feature that fired, in order, with its entries [from, to) of `postings`. Features are gathered some
   * at a time, over all codes again for each lot: less memory, and what is written lies close together.
   */
  forEachFeature(visit: (feature: number, postings: Postings, from: number, to: number) => void): void {
    const start = this.#starts()
    for (let first = 0, end; first < this.dSae; first = end) {
      end = first + 1
      while (end < this.dSae && start[end + 1] - start[first] <= LOT) end++
      if (start[end] === start[first]) continue
      const postings = this.#gathered(start, first, end)
      for (let feature = first; feature < end; feature++)
        if (start[feature + 1] > start[feature])
          visit(feature, postings, start[feature] - start[first], start[feature + 1] - start[first])
    }
  }

  /** The codes of features [first, end), by feature, then token. */
  #gathered(start: Uint32Array, first: number, end: number): Postings {
    const size = start[end] - start[first]
    if (this.#sorted.token.length < size)
      this.#sorted = { token: new Uint32Array(size), value: new Float32Array(size) }
    const { token, value } = this.#sorted
    const next = start.slice(first, end).map((at) => at - start[first])
    for (let row = 0, i = 0; row < this.#rowEnd.length; row++)
      for (const to = this.#rowEnd[row]; i < to; i++) {
        const feature = this.#feature[i]
        if (feature < first || feature >= end) continue
        const at = next[feature - first]++
        token[at] = this.#rowToken[row]
        value[at] = this.#value[i]
      }
    return this.#sorted
  }

  /** Rows added so far. */
  get rows(): number {
    return this.#rowToken.length
  }

  /** The rows from `row` on as they were added; the arrays of codes are views that the next `add` may leave behind. */
  since(row: number): Pick<GatheredRun, 'rowToken' | 'rowEnd' | 'feature' | 'value'> {
    const from = row === 0 ? 0 : this.#rowEnd[row - 1]
    return {
      rowToken: Uint32Array.from(this.#rowToken.slice(row)),
      rowEnd: Uint32Array.from(this.#rowEnd.slice(row), (end) => end - from),
      feature: this.#feature.subarray(from, this.size),
      value: this.#value.subarray(from, this.size),
    }
  }

  clear(): void {
    this.size = 0
    this.#rowToken.length = 0
    this.#rowEnd.length = 0
  }

  /** [dSae + 1] where each feature's entries begin once sorted, and where they all end. */
  #starts(): Uint32Array {
    const start = new Uint32Array(this.dSae + 1)
    for (let i = 0; i < this.size; i++) start[this.#feature[i] + 1]++
    for (let feature = 0; feature < this.dSae; feature++) start[feature + 1] += start[feature]
    return start
  }

  #grow(needed: number): void {
    const length = Math.max(needed, 2 * this.#feature.length)
    const larger = <A extends Uint32Array | Float32Array>(from: A, to: A): A => (to.set(from), to)
    this.#feature = larger(this.#feature, new Uint32Array(length))
    this.#value = larger(this.#value, new Float32Array(length))
  }
}
