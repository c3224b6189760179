import type { Matches } from '#contract/compare.ts'
import { kernel } from '../places.ts'
import { NO_MATCH } from './ranked-lists.ts'

const PAGE = 65_536
/** The address 0 is left alone. */
const FIRST = 64
/** The kernel compares in float32: a little below the floor, so that none above it is missed. */
const FLOOR_MARGIN = 1e-6

interface Sizes {
  /** Of the largest tile. */
  rows: number
  columns: number
  aCount: number
  bCount: number
  /** Length of every ranked list. */
  k: number
}

interface Lists {
  value: Float32Array
  feature: Int32Array
}

/**
 * The memory that the scan kernel (backends/cpu/kernels/scan.ts) works in: a tile, which the matrix product writes in
 * place, and the ranked lists of both sides, so that a value that matters is never handed over one by one.
 */
export class ScanMemory {
  readonly tile: Float32Array
  readonly #a: Lists
  readonly #b: Lists
  readonly #bars: Float32Array
  readonly #edges: Int32Array
  readonly #k: number
  readonly #scanRow: (...operands: number[]) => number

  constructor({ rows, columns, aCount, bCount, k }: Sizes) {
    const words = rows * columns + 2 * k * (aCount + bCount) + bCount + columns
    const pages = Math.ceil((FIRST + 4 * words) / PAGE)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: PAGE, shared: true })
    let at = FIRST
    const floats = (length: number): Float32Array => {
      const array = new Float32Array(memory.buffer, at, length)
      at += 4 * length
      return array
    }
    const whole = (length: number): Int32Array => {
      const { buffer, byteOffset } = floats(length)
      return new Int32Array(buffer, byteOffset, length)
    }
    const lists = (features: number): Lists => ({
      value: floats(features * k).fill(NO_MATCH),
      feature: whole(features * k).fill(-1),
    })
    this.#k = k
    this.tile = floats(rows * columns)
    this.#a = lists(aCount)
    this.#b = lists(bCount)
    this.#bars = floats(bCount).fill(NO_MATCH)
    this.#edges = whole(columns)
    const module = new WebAssembly.Module(kernel('scan'))
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: () => {} } })
    this.#scanRow = exports['scanRow'] as (...operands: number[]) => number
  }

  /**
   * Ranks what matters of a row of the tile (`columns` wide, of feature `a`, beginning with feature bFrom of B).
   * @returns the columns above the floor, ascending: a view that the next call overwrites
   */
  scanRow(row: number, a: number, bFrom: number, columns: number, floor: number): Int32Array {
    const own = 4 * a * this.#k
    const found = this.#scanRow(
      this.tile.byteOffset + 4 * row * columns,
      columns,
      a,
      bFrom,
      this.#k,
      floor - FLOOR_MARGIN,
      this.#a.value.byteOffset + own,
      this.#a.feature.byteOffset + own,
      this.#b.value.byteOffset,
      this.#b.feature.byteOffset,
      this.#bars.byteOffset,
      this.#edges.byteOffset,
    )
    return this.#edges.subarray(0, found)
  }

  /** The lists as they are, in memory of their own. */
  best(): { aToB: Matches; bToA: Matches } {
    const copied = ({ value, feature }: Lists): Matches => ({
      k: this.#k,
      value: Float32Array.from(value),
      feature: Int32Array.from(feature),
    })
    return { aToB: copied(this.#a), bToA: copied(this.#b) }
  }
}
