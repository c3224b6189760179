import type { Arena } from './arena.ts'
import type { Block, BlockEncoder, EntryStore, Selection } from './block-encoder.ts'
import type { IntegerProduct } from './integer-product.ts'
import type { Kernels } from './kernel-module.ts'
import { placeBounds } from './structs.ts'

/** Features of one tile of 8-bit products. */
const TILE_FEATURES = 1024
/** Above this share of exact products pruning costs more than it saves (measured), and the block is done in full. */
const WORTHWHILE_SHARE = 0.05
/** As many of a block's rows, at most, are done once more in full, before the whole block is. */
const AGAIN_SHARE = 0.25
/** What kernels/pruned.ts gatherPruned answers when it gives up: no room, or too much in doubt. */
const GAVE_UP = 0xfffffffe

/** Of a product of two float32 numbers, generously. */
const ROUNDING = 1e-6
/** Rows are looked at sixteen at a time. */
const padded = (rows: number): number => Math.ceil(rows / 16) * 16

/** The encoder in 8 bits, shared by all threads and renewed every step (addresses). */
export interface Quantised {
  /** [features, d] bytes */
  rows: number
  /** [features] floats each */
  scales: number
  norms: number
  errors: number
  /** [d] what each dimension of an encoder row, and of an input, is multiplied by before. */
  rowFactors: number
  inputFactors: number
}

/** One thread's room (addresses). */
export interface PrunedScratch {
  bounds: number
  /** [d, blockRows] bytes */
  inputs: number
  /** [blockRows] floats each */
  rowErrors: number
  rowNorms: number
  inverses: number
  floors: number
  limits: number
  lengths: number
  /** [TILE_FEATURES, blockRows] 32 bits */
  tile: number
  candidates: number
  examined: number
  /** Entries feature by feature, then by row. */
  capacity: number
  entryRows: number
  features: number
  values: number
  orderedFeatures: number
  orderedValues: number
  orderedStart: number
  orderedCount: number
  spare: number
  /** Rows that are done once more in full: [mostAgain, d] inputs and their entries. */
  again: number
  againEntries: EntryStore
}

export function placeQuantised(arena: Arena, features: number, d: number): Quantised {
  const perFeature = (): number => arena.reserve(features * 4)
  return {
    rows: arena.reserve(features * d),
    scales: perFeature(),
    norms: perFeature(),
    errors: perFeature(),
    rowFactors: arena.reserve(d * 4),
    inputFactors: arena.reserve(d * 4),
  }
}

/** @param perRow entries per row there is room for on average */
export function placePrunedScratch(
  arena: Arena,
  quantised: Quantised,
  size: { features: number; d: number; blockRows: number; perRow: number; bias: number; cut: number },
): PrunedScratch {
  const rows = padded(size.blockRows)
  const perRow = (): number => arena.reserve(rows * 4)
  const capacity = Math.max(rows * size.perRow, size.features)
  const perEntry = (): number => arena.reserve(capacity * 4)
  const { scales, norms, errors } = quantised
  const rowBounds = {
    rowErrors: perRow(),
    rowNorms: perRow(),
    inverses: perRow(),
    floors: perRow(),
    limits: perRow(),
  }
  return {
    ...rowBounds,
    lengths: perRow(),
    bounds: placeBounds(arena, { scales, norms, errors, bias: size.bias, cut: size.cut, ...rowBounds }),
    inputs: arena.reserve(size.d * rows),
    tile: arena.reserve(Math.min(TILE_FEATURES, size.features) * rows * 4),
    candidates: perRow(),
    examined: arena.reserve(64),
    capacity,
    entryRows: perEntry(),
    features: perEntry(),
    values: perEntry(),
    orderedFeatures: perEntry(),
    orderedValues: perEntry(),
    orderedStart: perRow(),
    orderedCount: perRow(),
    spare: perEntry(),
    again: arena.reserve(rows * size.d * 4),
    againEntries: {
      rowStart: perRow(),
      rowCount: perRow(),
      feature: arena.reserve(rows * size.perRow * 4),
      value: arena.reserve(rows * size.perRow * 4),
    },
  }
}

/**
 * Encodes by 8-bit products first: those features that even the error bound cannot lift above the limit are left
 * out, the others computed exactly (kernels/pruned.ts has the proof). The same entries as by the full product.
 */
export class PrunedEncoder {
  readonly #kernels: Kernels
  readonly #product: IntegerProduct
  readonly #memory: WebAssembly.Memory
  readonly #quantised: Quantised
  readonly #scratch: PrunedScratch

  constructor(
    kernels: Kernels,
    product: IntegerProduct,
    memory: WebAssembly.Memory,
    quantised: Quantised,
    scratch: PrunedScratch,
  ) {
    this.#kernels = kernels
    this.#product = product
    this.#memory = memory
    this.#quantised = quantised
    this.#scratch = scratch
  }

  /**
   * @param floorPerNorm where the k largest are wanted: they are looked for above this times ‖x‖
   * @param full does rows in full whose floor was too high
   * @returns false when the whole block is better done in full
   */
  async encode(
    block: Block,
    selection: Selection,
    floorPerNorm: number,
    full: BlockEncoder,
  ): Promise<boolean> {
    const { choice } = selection
    this.#placeRows(block, choice.by === 'largest' ? floorPerNorm : 0)
    const entries = await this.#gather(block)
    if (entries === null) return false
    if (choice.by === 'cut') {
      if (entries > block.rows * selection.perRow) return false
      this.#orderCut(block, selection, entries)
      return true
    }
    this.#orderLargest(block, selection, entries, choice.k)
    const again = this.#tooFew(block, selection, choice.k)
    if (again.length > block.rows * AGAIN_SHARE) return false
    if (again.length > 0) await this.#doAgain(block, selection, again, full)
    return true
  }

  /** The block's inputs in 8 bits; rows beyond it can never fire. */
  #placeRows({ input, from, rows, d }: Block, floorPerNorm: number): void {
    const { inputs, rowErrors, rowNorms, inverses, floors, limits, lengths } = this.#scratch
    const count = padded(rows)
    const { inputFactors } = this.#quantised
    this.#kernels.quantiseInputs(
      ...[input + from * d * 4, rows, count, d, inputFactors],
      ...[inputs, rowErrors, rowNorms, inverses, lengths],
    )
    const perRow = (address: number): Float32Array => new Float32Array(this.#memory.buffer, address, count)
    const [floor, limit, length, inverse] = [floors, limits, lengths, inverses].map(perRow)
    for (let t = 0; t < count; t++) {
      floor[t] = t < rows ? floorPerNorm * length[t] : Infinity
      limit[t] = floor[t] * inverse[t] * (1 - ROUNDING)
    }
  }

  /** @returns how many entries were found, or null when it does not pay or they do not fit */
  async #gather({ input, from, rows, encoder, d, features }: Block): Promise<number | null> {
    const scratch = this.#scratch
    const count = padded(rows)
    const examined = new Uint32Array(this.#memory.buffer, scratch.examined, 1)
    examined[0] = 0
    const most = Math.ceil(WORTHWHILE_SHARE * features * rows)
    let used = 0
    for (let first = 0; first < features; first += TILE_FEATURES) {
      const width = Math.min(TILE_FEATURES, features - first)
      const rowsOf = this.#quantised.rows + first * d
      await this.#product.multiply(rowsOf, scratch.inputs, scratch.tile, width, d, count)
      used =
        this.#kernels.gatherPruned(
          ...[scratch.tile, width, count, first, scratch.bounds, input + from * d * 4, encoder, d],
          ...[scratch.entryRows, scratch.features, scratch.values, used, scratch.capacity],
          ...[scratch.candidates, scratch.examined, most],
        ) >>> 0
      if (used >= GAVE_UP) return null
    }
    return used
  }

  #orderCut({ from, rows }: Block, { entries, perRow }: Selection, count: number): void {
    const { entryRows, features, values } = this.#scratch
    const base = from * perRow
    this.#kernels.orderPruned(
      ...[entryRows, features, values, count, rows],
      ...[entries.rowStart + from * 4, entries.rowCount + from * 4],
      ...[entries.feature + base * 4, entries.value + base * 4, base],
    )
  }

  #orderLargest({ from, rows }: Block, { entries, perRow }: Selection, count: number, k: number): void {
    const s = this.#scratch
    const base = from * perRow
    this.#kernels.orderPruned(
      ...[s.entryRows, s.features, s.values, count, rows],
      ...[s.orderedStart, s.orderedCount, s.orderedFeatures, s.orderedValues, 0],
    )
    this.#kernels.keepLargestOfRows(
      ...[rows, k, s.orderedStart, s.orderedCount, s.orderedFeatures, s.orderedValues, s.spare],
      ...[entries.rowStart + from * 4, entries.rowCount + from * 4],
      ...[entries.feature + base * 4, entries.value + base * 4, base],
    )
  }

  #tooFew({ from, rows }: Block, { entries }: Selection, k: number): number[] {
    const counts = new Uint32Array(this.#memory.buffer, entries.rowCount, from + rows)
    const rowNumbers: number[] = []
    for (let r = from; r < from + rows; r++) if (counts[r] > k) rowNumbers.push(r)
    return rowNumbers
  }

  /** Rows that had fewer than k entries above their floor, by the full product. */
  async #doAgain(
    block: Block,
    selection: Selection,
    rowNumbers: number[],
    full: BlockEncoder,
  ): Promise<void> {
    const { again, againEntries } = this.#scratch
    const { entries, perRow } = selection
    const bytes = block.d * 4
    const memory = new Uint8Array(this.#memory.buffer)
    const copy = (from: number, to: number, length: number): unknown =>
      memory.copyWithin(to, from, from + length)
    for (const [i, r] of rowNumbers.entries()) copy(block.input + r * bytes, again + i * bytes, bytes)
    const part = { ...block, input: again, from: 0, rows: rowNumbers.length }
    await full.encode(part, [{ ...selection, entries: againEntries }])
    for (const [i, r] of rowNumbers.entries()) {
      copy(againEntries.rowCount + i * 4, entries.rowCount + r * 4, 4)
      for (const part of ['feature', 'value'] as const)
        copy(againEntries[part] + i * perRow * 4, entries[part] + r * perRow * 4, perRow * 4)
    }
  }
}
