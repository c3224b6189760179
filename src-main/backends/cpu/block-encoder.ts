import type { Kernels } from './kernel-module.ts'
import type { Products } from './products.ts'

/** Features whose pre-activations are held at a time. */
const TILE_FEATURES = 1024

/** What gather answers when a block's entries do not fit. */
const FULL = 0xffffffff

/** Rows that are encoded together: enough to make the product efficient, few enough to share between threads. */
export function blockRows(rows: number): number {
  return Math.min(512, Math.max(64, Math.ceil(rows / 8)))
}

export const tileFeatures = (features: number): number => Math.min(TILE_FEATURES, features)

/** Which pre-activations become entries: all above a cut per feature, or the k largest positive ones of each row. */
export type Choice = { by: 'cut'; cut: number } | { by: 'largest'; k: number }

/** Room for one block's entries on their way (addresses). */
export interface Stage {
  features: number
  values: number
  /** cut: [chunks, rows], largest: [rows] numbers of entries. */
  counts: number
  /** largest: [rows] the smallest value that still counts. */
  floors: number
  /** largest: room to narrow one row's choice. */
  spare: number
  /** cut: entries in all; largest: entries per row. */
  capacity: number
}

/** Where a batch's entries go (addresses of whole arrays). */
export interface EntryStore {
  rowStart: number
  rowCount: number
  feature: number
  value: number
}

/** One selection made from the tiles; aux-k makes a second one, among the dead features, from the same tiles. */
export interface Selection {
  choice: Choice
  /** [features] added to the products; −∞ leaves a feature out. */
  bias: number
  stage: Stage
  entries: EntryStore
  /** Entry places per row: where a block begins among the batch's entries. */
  perRow: number
}

/** What is multiplied (addresses): rows [from, from + rows) of input [.., d] with encoder [features, d]. */
export interface Block {
  input: number
  from: number
  rows: number
  encoder: number
  d: number
  features: number
}

type Reserve = (bytes: number) => number

export interface StageSize {
  rows: number
  features: number
  by: Choice['by']
  /** Entries per row: kept (largest) or on average (cut). */
  perRow: number
}

export function placeStage(reserve: Reserve, { rows, features, by, perRow }: StageSize): Stage {
  if (by === 'cut') {
    const capacity = rows * perRow
    return {
      features: reserve(capacity * 4),
      values: reserve(capacity * 4),
      counts: reserve(Math.ceil(features / TILE_FEATURES) * rows * 4),
      floors: 0,
      spare: 0,
      capacity,
    }
  }
  // Room for a few times k: a row's choice is narrowed once per that many offers.
  const capacity = Math.min(Math.max(4 * perRow, 128), Math.max(features, perRow)) + 4
  return {
    features: reserve(rows * capacity * 4),
    values: reserve(rows * capacity * 4),
    counts: reserve(rows * 4),
    floors: reserve(rows * 4),
    spare: reserve(capacity * 4),
    capacity,
  }
}

/**
 * From inputs to sparse entries for one block of rows, a tile of features at a time, so that [rows, F] is never held
 * and each tile is looked through while it is still in cache.
 */
export class BlockEncoder {
  readonly #kernels: Kernels
  readonly #products: Products
  readonly #memory: WebAssembly.Memory
  readonly #tile: number

  /** @param tile address of [blockRows, tileFeatures] floats */
  constructor(kernels: Kernels, products: Products, memory: WebAssembly.Memory, tile: number) {
    this.#kernels = kernels
    this.#products = products
    this.#memory = memory
    this.#tile = tile
  }

  /** @returns false when a cut let through more entries than there is room for */
  async encode(block: Block, selections: Selection[]): Promise<boolean> {
    for (const selection of selections) this.#begin(block, selection)
    const used = selections.map(() => 0)
    for (let first = 0; first < block.features; first += TILE_FEATURES) {
      const width = Math.min(TILE_FEATURES, block.features - first)
      await this.multiply(block, first, width, this.#tile)
      for (const [i, selection] of selections.entries()) {
        used[i] = this.#offer(block.rows, selection, first, width, used[i])
        if (used[i] === FULL) return false
      }
    }
    for (const selection of selections) this.#close(block, selection)
    return true
  }

  /** Adds a block's positive pre-activations to counts by their height (kernels/levels.ts). */
  async countLevels(block: Block, bias: number, counts: number): Promise<void> {
    for (let first = 0; first < block.features; first += TILE_FEATURES) {
      const width = Math.min(TILE_FEATURES, block.features - first)
      await this.multiply(block, first, width, this.#tile)
      this.#kernels.countLevels(this.#tile, block.rows, width, bias + first * 4, counts)
    }
  }

  /** tile [rows, width] = input · encoderᵀ for features [first, first + width). */
  multiply(
    { input, from, rows, encoder, d }: Block,
    first: number,
    width: number,
    tile: number,
  ): Promise<void> {
    return this.#products.timesTransposed(
      { address: input + from * d * 4, rows, columns: d },
      { address: encoder + first * d * 4, rows: width, columns: d },
      { address: tile, rows, columns: width },
    )
  }

  #begin({ rows }: Block, { choice, stage }: Selection): void {
    if (choice.by === 'cut') return
    new Uint32Array(this.#memory.buffer, stage.counts, rows).fill(0)
    new Float32Array(this.#memory.buffer, stage.floors, rows).fill(0)
  }

  /** Looks through the tile. @returns entries staged so far (of a cut) */
  #offer(rows: number, selection: Selection, first: number, width: number, used: number): number {
    const { choice, stage } = selection
    const { features, values, capacity } = stage
    const bias = selection.bias + first * 4
    const tile = this.#tile
    if (choice.by === 'largest') {
      const { counts, floors, spare } = stage
      const { k } = choice
      this.#kernels.offerLargest(
        ...[tile, rows, width, first, bias, k],
        ...[features, values, capacity, counts, floors, spare],
      )
      return 0
    }
    const cut = choice.cut + first * 4
    const counts = stage.counts + (first / TILE_FEATURES) * rows * 4
    const answer = this.#kernels.gather(
      ...[tile, rows, width, first, bias, cut, features, values, used, capacity, counts],
    )
    return answer >>> 0 // a kernel answers in signed 32 bits
  }

  /** Moves a block's entries to their place in the batch. */
  #close({ from, rows, features }: Block, { choice, stage, entries, perRow }: Selection): void {
    const base = from * perRow
    const place = [
      ...[entries.rowStart + from * 4, entries.rowCount + from * 4],
      ...[entries.feature + base * 4, entries.value + base * 4, base],
    ]
    const staged = [stage.features, stage.values]
    if (choice.by === 'cut') {
      const chunks = Math.ceil(features / TILE_FEATURES)
      this.#kernels.orderByRow(...staged, stage.counts, chunks, rows, ...place)
    } else {
      this.#kernels.closeLargest(
        ...[rows, choice.k, ...staged, stage.capacity, stage.counts, stage.spare, ...place],
      )
    }
  }
}
