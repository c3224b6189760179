import type { Arena } from './arena.ts'
import type { Layout } from './layout.ts'
import { placeQuantised, type Quantised } from './pruned-encoder.ts'
import type { ResidentState } from './resident-state.ts'

/** Up to this share of the dictionary the dead features' encoder rows are copied together for their own product. */
const MOST_DEAD = 0.25
/** Smaller dictionaries and inputs gain nothing: looking through 8-bit products costs as much as exact ones. */
const LEAST_WIDTH = 256
const LEAST_FEATURES = 4096

/** Rows side by side of the dead features (addresses), for the second choice of aux-k. */
export interface DeadRows {
  /** [most, d] */
  encoder: number
  /** [most] each: b_enc, and the feature's number. */
  bias: number
  numbers: number
  most: number
}

/** What pruning needs that all threads share (addresses). */
export interface PruningLayout {
  quantised: Quantised
  /** One float: how high above 0, per ‖x‖, the k largest are looked for. */
  floorPerNorm: number
  /** One number: blocks of this step that were pruned. */
  blocks: number
  dead: DeadRows | null
}

export const paysToPrune = (d: number, features: number): boolean =>
  d >= LEAST_WIDTH && features >= LEAST_FEATURES

export function placePruning(arena: Arena, features: number, d: number, withDead: boolean): PruningLayout {
  const most = Math.max(1, Math.floor(features * MOST_DEAD))
  const dead = {
    encoder: withDead ? arena.reserve(most * d * 4) : 0,
    bias: arena.reserve(most * 4),
    numbers: arena.reserve(most * 4),
    most,
  }
  return {
    quantised: placeQuantised(arena, features, d),
    floorPerNorm: arena.reserve(4),
    blocks: arena.reserve(4),
    dead: withDead ? dead : null,
  }
}

/** Dimensions smaller than this share of the largest are balanced as if they were that large. */
const LEAST_SIZE = 1e-3
/** A floor that so many rows reach, with this margin: the few others are done once more in full. */
const FLOOR_QUANTILE = 0.02
const FLOOR_MARGIN = 0.95
/** Every so many-th row is looked at for the floor. */
const FLOOR_STRIDE = 8

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

  /** Whether any block was pruned since. */
  get used(): boolean {
    return this.#blocks[0] > 0
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

  /** After a step: how high the k-th largest lay above 0, per norm of the input, to begin the next search there. */
  follow(rows: number): void {
    const { choice, codes, arrays, d } = this.#layout
    if (choice.by !== 'largest') return
    const counts = new Uint32Array(this.#memory.buffer, codes.rowCount, rows)
    const heights: number[] = []
    for (let r = 0; r < rows; r += FLOOR_STRIDE) {
      const values = this.#floats(codes.value + r * codes.perRow * 4, counts[r])
      const smallest =
        counts[r] < choice.k ? 0 : values.reduce((least, value) => Math.min(least, value), Infinity)
      const x = this.#floats(arrays.centred + r * d * 4, d)
      heights.push(smallest / (Math.sqrt(x.reduce((sum, v) => sum + v * v, 0)) || 1))
    }
    const low = heights.sort((a, b) => a - b)[Math.floor(heights.length * FLOOR_QUANTILE)]
    this.#floats(this.#pruning.floorPerNorm, 1)[0] = low * FLOOR_MARGIN
  }

  #floats(address: number, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, count)
  }
}
