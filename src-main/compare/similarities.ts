import type { Matches } from '#contract/compare.ts'
import type { CosineEdges } from '#contract/swap-graph.ts'
import { EdgeList } from './edge-list.ts'

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
  constructor(features: number, k: number) {
    const feature = new Int32Array(features * k).fill(-1)
    this.best = { k, value: new Float32Array(features * k).fill(NO_MATCH), feature }
    this.last = new Float32Array(features).fill(NO_MATCH)
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
  readonly #a: RankedLists
  readonly #b: RankedLists
  readonly #edges: EdgeList

  constructor(aCount: number, bCount: number, options: { k: number; floor: number; mostEdges?: number }) {
    this.#a = new RankedLists(aCount, options.k)
    this.#b = new RankedLists(bCount, options.k)
    this.#edges = new EdgeList(options.floor, options.mostEdges)
  }

  /** @param tile [aRows, bRows] cosines of features aFrom … of A with bFrom … of B. Tiles must come in ascending order. */
  take(tile: Float32Array, aFrom: number, aRows: number, bFrom: number, bRows: number): void {
    const bLast = this.#b.last.subarray(bFrom, bFrom + bRows)
    for (let i = 0; i < aRows; i++) {
      const row = tile.subarray(i * bRows, (i + 1) * bRows)
      this.#takeRow(row, aFrom + i, bFrom, bLast)
    }
  }

  #takeRow(row: Float32Array, a: number, bFrom: number, bLast: Float32Array): void {
    const aLast = this.#a.last
    let least = Math.min(aLast[a], this.#edges.floor)
    for (let j = 0; j < row.length; j++) {
      const value = row[j]
      if (!(value > least || value > bLast[j])) continue
      if (value > aLast[a]) this.#a.offer(a, bFrom + j, value)
      if (value > bLast[j]) this.#b.offer(bFrom + j, a, value)
      if (value > this.#edges.floor) this.#edges.push(a, bFrom + j, value)
      least = Math.min(aLast[a], this.#edges.floor)
    }
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
