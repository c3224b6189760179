import type { Matches } from '#contract/compare.ts'
import type { CosineEdges } from '#contract/swap-graph.ts'
import { EdgeList } from './edge-list.ts'
import { ScanMemory } from './scan-memory.ts'

export interface Similarities {
  /** For each feature of A its best of B, and the other way round. */
  aToB: Matches
  bToA: Matches
  /** All pairs above the floor, largest first. */
  edges: CosineEdges
  /** The floor held to: what was asked, or higher where there were too many edges to keep. */
  floor: number
}

/** A tile of 1,024 × 1,024 cosines is 4 MB: large enough for the matrix product, small enough for the cache. */
export const TILE_ROWS = 1024
export const TILE_COLUMNS = 1024

/** Takes tiles of the cosine matrix as they are computed and keeps what the views need, never the matrix. */
export class SimilarityScan {
  readonly #memory: ScanMemory
  readonly #edges: EdgeList

  constructor(aCount: number, bCount: number, options: { k: number; floor: number }) {
    const [rows, columns] = [Math.min(TILE_ROWS, aCount), Math.min(TILE_COLUMNS, bCount)]
    this.#memory = new ScanMemory({ rows, columns, aCount, bCount, k: options.k })
    this.#edges = new EdgeList(options.floor)
  }

  /** Where the cosines of a tile are to be written before it is taken. */
  get tile(): Float32Array {
    return this.#memory.tile
  }

  /** The tile holds [aRows, bRows] cosines of features aFrom … of A with bFrom … of B. For each feature of either side tiles must come in ascending order of the other's. */
  take(aFrom: number, aRows: number, bFrom: number, bRows: number): void {
    const { tile } = this.#memory
    for (let row = 0; row < aRows; row++)
      for (const column of this.#memory.scanRow(row, aFrom + row, bFrom, bRows, this.#edges.floor))
        this.#edges.push(aFrom + row, bFrom + column, tile[row * bRows + column])
  }

  finish(): Similarities {
    return { ...this.#memory.best(), edges: this.#edges.sorted(), floor: this.#edges.floor }
  }
}
