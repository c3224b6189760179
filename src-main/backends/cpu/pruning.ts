import type { Layout } from './layout.ts'
import type { PruningLayout } from './pruning-layout.ts'
import type { ResidentState } from './resident-state.ts'
import { sampleSize } from './sample.ts'

/** Dimensions smaller than this share of the largest are balanced as if they were that large. */
const LEAST_SIZE = 1e-3
/** A floor that so many rows reach, with this margin: the few others are done once more in full. */
const FLOOR_QUANTILE = 0.02
const FLOOR_MARGIN = 0.95

/** What the thread that leads a step does for pruning between the parallel tasks. */
export class Pruning {
  readonly #memory: WebAssembly.Memory
  readonly #layout: Layout
  readonly #pruning: PruningLayout

  constructor(memory: WebAssembly.Memory, layout: Layout, pruning: PruningLayout) {
    this.#memory = memory
    this.#layout = layout
    this.#pruning = pruning
  }

  /**
   * Factors that take large dimensions of the inputs half way into the encoder rows, so that no single dimension
   * spends the 8 bits of the others (as SmoothQuant, arXiv 2211.10438). Products stay: x_i/c_i · c_i w_i.
   * @param sizes [d] root mean square of each dimension
   */
  balance(sizes: Float64Array): void {
    const { rowFactors, inputFactors } = this.#pruning.quantised
    const ofRows = this.#floats(rowFactors, sizes.length)
    const ofInputs = this.#floats(inputFactors, sizes.length)
    const largest = sizes.reduce((most, size) => Math.max(most, size), 0)
    for (let i = 0; i < sizes.length; i++) {
      const factor = largest > 0 ? Math.sqrt(Math.max(sizes[i], LEAST_SIZE * largest) / largest) : 1
      ofRows[i] = factor
      ofInputs[i] = 1 / factor
    }
  }

  /** Counts from here on which blocks are pruned. */
  begin(): void {
    this.#blocks[0] = 0
  }

  /** Blocks that were pruned since. */
  get count(): number {
    return this.#blocks[0]
  }

  get #blocks(): Int32Array {
    return new Int32Array(this.#memory.buffer, this.#pruning.blocks, 1)
  }

  /** Copies the dead features' rows side by side. @returns false where there are too many of them */
  placeDead({ tokensSinceFired, encoder, bEnc }: ResidentState, deadAfter: number): boolean {
    const { dead } = this.#pruning
    if (!dead) return false
    const { d } = this.#layout
    const rows = this.#floats(dead.encoder, dead.most * d)
    const bias = this.#floats(dead.bias, dead.most)
    const numbers = new Uint32Array(this.#memory.buffer, dead.numbers, dead.most)
    let count = 0
    for (let j = 0; j < tokensSinceFired.length; j++) {
      if (tokensSinceFired[j] < deadAfter) continue
      if (count === dead.most) return false
      rows.set(encoder.views.value.subarray(j * d, (j + 1) * d), count * d)
      bias[count] = bEnc.views.value[j]
      numbers[count++] = j
    }
    return true
  }

  /** Where in this batch the k largest are to be looked for, from its sample: above the floor per ‖x‖ of nearly all. */
  setFloor(rows: number): void {
    const { choice, d } = this.#layout
    const { sample } = this.#pruning
    if (choice.by !== 'largest' || !sample) return
    const heights = this.#sampled(rows).map((values, i) => {
      const x = this.#floats(sample.input + i * d * 4, d)
      const norm = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0))
      const kth = values.length < choice.k ? 0 : values.reduce((least, v) => Math.min(least, v), Infinity)
      return norm > 0 ? kth / norm : 0
    })
    const low = heights.sort((a, b) => a - b)[Math.floor(heights.length * FLOOR_QUANTILE)]
    this.#floats(this.#pruning.floorPerNorm, 1)[0] = low * FLOOR_MARGIN
  }

  /** The cut that lets through, of the sample, k a row on average: where the batch's own is to be looked for. */
  sampledCut(rows: number, k: number): number {
    const values = this.#sampled(rows).flatMap((row) => Array.from(row))
    return values.sort((a, b) => b - a)[k * sampleSize(rows) - 1] ?? 0
  }

  /** The largest values of each sampled row. */
  #sampled(rows: number): Float32Array[] {
    const { sample } = this.#pruning
    if (!sample) return []
    const { entries, perRow } = sample
    const counts = new Uint32Array(this.#memory.buffer, entries.rowCount, sampleSize(rows))
    return Array.from(counts, (count, i) => this.#floats(entries.value + i * perRow * 4, count))
  }

  #floats(address: number, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, count)
  }
}
