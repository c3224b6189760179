import type { CosineEdges } from '#contract/swap-graph.ts'

/** The bits of a float in [0, 2) grow with its value and are below 2³⁰; with a 23-bit index they fit a float64. */
const COSINE_BITS = 2 ** 30
const MOST_EDGES = 2 ** 23
const FIRST_CAPACITY = 1 << 12

/**
 * Edges above a floor, in bounded memory (12 bytes an edge, at most 2²³ edges): when there is no room the weaker half
 * goes and the floor rises to what is left.
 */
export class EdgeList {
  /** Only cosines above it are kept. */
  floor: number
  readonly #most: number
  #a = new Int32Array(FIRST_CAPACITY)
  #b = new Int32Array(FIRST_CAPACITY)
  #cosine = new Float32Array(FIRST_CAPACITY)
  #count = 0

  /** @param floor at least 0. */
  constructor(floor: number, most = MOST_EDGES) {
    this.floor = Math.max(0, floor)
    this.#most = Math.min(most, MOST_EDGES)
  }

  push(a: number, b: number, cosine: number): void {
    if (this.#count === this.#a.length) this.#makeRoom()
    if (!(cosine > this.floor)) return
    this.#a[this.#count] = a
    this.#b[this.#count] = b
    this.#cosine[this.#count++] = cosine
  }

  #makeRoom(): void {
    if (this.#count < this.#most) {
      const capacity = Math.min(this.#most, 2 * this.#count)
      const [a, b, cosine] = [new Int32Array(capacity), new Int32Array(capacity), new Float32Array(capacity)]
      a.set(this.#a)
      b.set(this.#b)
      cosine.set(this.#cosine)
      this.#a = a
      this.#b = b
      this.#cosine = cosine
      return
    }
    this.floor = this.#cosine.slice(0, this.#count).sort()[this.#count >>> 1]
    let kept = 0
    for (let e = 0; e < this.#count; e++) {
      if (!(this.#cosine[e] > this.floor)) continue
      this.#a[kept] = this.#a[e]
      this.#b[kept] = this.#b[e]
      this.#cosine[kept++] = this.#cosine[e]
    }
    this.#count = kept
  }

  /** Sorted by cosine, largest first; equal ones in the order they came. */
  sorted(): CosineEdges {
    const cosines = this.#cosine.subarray(0, this.#count)
    const bits = new Uint32Array(cosines.buffer, 0, this.#count)
    const keys = Float64Array.from(bits, (b, e) => (COSINE_BITS - 1 - b) * MOST_EDGES + e).sort()
    const order = Uint32Array.from(keys, (key) => key % MOST_EDGES)
    return {
      a: Int32Array.from(order, (e) => this.#a[e]),
      b: Int32Array.from(order, (e) => this.#b[e]),
      cosine: Float32Array.from(order, (e) => cosines[e]),
    }
  }
}
