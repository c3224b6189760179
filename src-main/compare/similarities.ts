import type { Matches } from '#contract/compare.ts'
import type { CosineEdges } from '#contract/swap-graph.ts'
import { EdgeList } from './edge-list.ts'
import type { Tile } from './tile.ts'

export interface Similarities {
  /** For each feature of A its best of B, and the other way round. */
  aToB: Matches
  bToA: Matches
  /** All pairs above the floor, largest first. */
  edges: CosineEdges
  /** The floor held to: what was asked, or higher where there were too many edges to keep. */
  floor: number
}

/** No cosine is as small as this. */
export const NO_MATCH = -2

/** Ranked lists of k per feature. The smallest of each list is at hand: most cosines are refused by one comparison. */
export class RankedLists {
  /** A list that is not full has NO_MATCH and −1 in what is left of it. */
  readonly best: Matches
  /** [features] the k-th best so far. */
  readonly last: Float32Array
  constructor(features: number, k: number, last: Float32Array = new Float32Array(features)) {
    const feature = new Int32Array(features * k).fill(-1)
    this.best = { k, value: new Float32Array(features * k).fill(NO_MATCH), feature }
    this.last = last.fill(NO_MATCH)
  }

  /** Equal cosines keep the order they came in. */
  offer(feature: number, other: number, value: number): void {
    const { k, value: values, feature: others } = this.best
    const first = feature * k
    let at = first + k - 1
    for (; at > first && values[at - 1] < value; at--) {
      values[at] = values[at - 1]
      others[at] = others[at - 1]
    }
    values[at] = value
    others[at] = other
    this.last[feature] = values[first + k - 1]
  }
}

/** Takes tiles of the cosine matrix as they are computed and keeps what the views need, never the matrix. */
export class SimilarityScan {
  readonly #tile: Tile
  readonly #a: RankedLists
  readonly #b: RankedLists
  readonly #edges: EdgeList

  /** @param tile where the products are written before each `take` */
  constructor(tile: Tile, aCount: number, bCount: number, options: { k: number; floor: number }) {
    this.#tile = tile
    this.#a = new RankedLists(aCount, options.k)
    this.#b = new RankedLists(bCount, options.k, tile.bars)
    this.#edges = new EdgeList(options.floor)
  }

  /** The tile holds [aRows, bRows] cosines of features aFrom … of A with bFrom … of B. Tiles must come in ascending order. */
  take(aFrom: number, aRows: number, bFrom: number, bRows: number): void {
    for (let row = 0; row < aRows; row++) {
      const a = aFrom + row
      const least = Math.min(this.#a.last[a], this.#edges.floor)
      for (const column of this.#tile.placesAbove(row, bFrom, bRows, least))
        this.#offer(a, bFrom + column, this.#tile.values[row * bRows + column])
    }
  }

  #offer(a: number, b: number, value: number): void {
    if (value > this.#a.last[a]) this.#a.offer(a, b, value)
    if (value > this.#b.last[b]) this.#b.offer(b, a, value)
    if (value > this.#edges.floor) this.#edges.push(a, b, value)
  }

  finish(): Similarities {
    return { aToB: this.#a.best, bToA: this.#b.best, edges: this.#edges.sorted(), floor: this.#edges.floor }
  }
}

/** The best match of each feature. */
export function firstMatches({ k, value, feature }: Matches): {
  value: Float32Array
  feature: Int32Array
} {
  const features = feature.length / k
  return {
    value: Float32Array.from({ length: features }, (_, j) => value[j * k]),
    feature: Int32Array.from({ length: features }, (_, j) => feature[j * k]),
  }
}

/** Mean over the features that have a match of the best one. NaN where none has. */
export function meanBest({ k, value, feature }: Matches): number {
  let sum = 0
  let count = 0
  for (let n = 0; n < feature.length; n += k)
    if (feature[n] >= 0) {
      sum += value[n]
      count++
    }
  return sum / count
}
