import { kernel } from '../places.ts'

const PAGE = 65_536
/** What the kernel's header promises at the least: the address 0 is left alone. */
const FIRST = 64

type PlacesAbove = (row: number, bars: number, count: number, least: number, places: number) => number

/**
 * Room for a tile of a large product, in memory that the scan kernel (backends/cpu/kernels/scan.ts) reads in place: the
 * matrix product writes here, and what matters of it is found without copying.
 */
export class Tile {
  /** [aRows · bRows] at most. */
  readonly values: Float32Array<ArrayBuffer>
  /** [bCount] what a value in each column must exceed. */
  readonly bars: Float32Array<ArrayBuffer>
  readonly #places: Int32Array
  readonly #placesAbove: PlacesAbove

  constructor(aRows: number, bRows: number, bCount: number) {
    const words = aRows * bRows + bCount + bRows
    const pages = Math.ceil((FIRST + 4 * words) / PAGE)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: PAGE, shared: true })
    // The runtime's product and typed arrays take a shared buffer like any other.
    const buffer = memory.buffer as unknown as ArrayBuffer
    this.values = new Float32Array(buffer, FIRST, aRows * bRows)
    this.bars = new Float32Array(buffer, FIRST + 4 * aRows * bRows, bCount)
    this.#places = new Int32Array(buffer, FIRST + 4 * (aRows * bRows + bCount), bRows)
    const module = new WebAssembly.Module(kernel('scan'))
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: () => {} } })
    this.#placesAbove = exports['placesAbove'] as PlacesAbove
  }

  /**
   * Places in row `row` of a tile with `bRows` columns, beginning at column `bFrom` of all, where a value is above
   * `least` or above its column's bar. A view that the next call overwrites.
   */
  placesAbove(row: number, bFrom: number, bRows: number, least: number): Int32Array {
    const found = this.#placesAbove(
      this.values.byteOffset + 4 * row * bRows,
      this.bars.byteOffset + 4 * bFrom,
      bRows,
      least,
      this.#places.byteOffset,
    )
    return this.#places.subarray(0, found)
  }
}
