import { BlockEncoder, blockRows, tileFeatures, type Block, type Selection } from './block-encoder.ts'
import { kernelsOn, type Kernels } from './kernel-module.ts'
import { DENSE_FEATURES, FORWARD_ROWS, UPDATE_FEATURES, type DenseScratch, type Layout } from './layout.ts'
import { Products } from './products.ts'
import { SUMS_BYTES } from './structs.ts'

/** What changes from one call to the next; crosses to the workers as numbers. */
export interface Orders {
  rows: number
  /** 1 when dead features are being revived in this step. */
  withDead: number
  /** 1 to update, 0 to measure the gradient's norm only. */
  apply: number
  /** How many ranges of features the columns are shared into. */
  ranges: number
}
export const ORDERS = ['rows', 'withDead', 'apply', 'ranges'] as const

/** The work of a step in parts that any thread may take; names are sent to the workers by their number. */
export const TASKS = [
  'countLevels',
  'encode',
  'countColumns',
  'fillColumns',
  'forward',
  'cosine',
  'update',
  'denseForward',
  'denseUpdate',
] as const
export type Task = (typeof TASKS)[number]

/** How many parts a task has. Fixed by sizes alone, so every sum is made in the same order whoever makes it. */
export function partsOf(task: Task, layout: Layout, orders: Pick<Orders, 'rows' | 'ranges'>): number {
  switch (task) {
    case 'countLevels':
    case 'encode':
    case 'denseForward':
      return Math.ceil(orders.rows / blockRows(layout.batchTokens))
    case 'forward':
      return Math.ceil(orders.rows / FORWARD_ROWS)
    case 'cosine':
    case 'update':
      return Math.ceil(layout.features / UPDATE_FEATURES)
    case 'denseUpdate':
      return Math.ceil(layout.features / DENSE_FEATURES)
    case 'countColumns':
    case 'fillColumns':
      return orders.ranges
  }
}

/** One thread's hands: its own kernels and sessions on the memory that all threads share. */
export class StepThread {
  readonly #layout: Layout
  readonly #memory: WebAssembly.Memory
  readonly #kernels: Kernels
  readonly #products: Products
  readonly #encoder: BlockEncoder
  readonly #scratch: Layout['threads'][number]

  constructor(memory: WebAssembly.Memory, layout: Layout, index: number) {
    this.#layout = layout
    this.#memory = memory
    this.#kernels = kernelsOn(memory)
    this.#products = new Products(memory)
    this.#scratch = layout.threads[index]
    this.#encoder = new BlockEncoder(this.#kernels, this.#products, memory, this.#scratch.tile)
  }

  get kernels(): Kernels {
    return this.#kernels
  }

  /** Milliseconds this thread has spent in dense products. */
  get productTime(): number {
    return this.#products.milliseconds
  }

  release(): Promise<void> {
    return this.#products.release()
  }

  /** @returns false when the part's entries did not fit (encode only) */
  async run(task: Task, part: number, orders: Orders): Promise<boolean> {
    switch (task) {
      case 'countLevels':
        await this.#countLevels(part, orders)
        return true
      case 'encode':
        return this.#encode(part, orders)
      case 'countColumns':
      case 'fillColumns':
        this.#columns(task, part, orders)
        return true
      case 'forward':
        this.#forward(part, orders)
        return true
      case 'cosine':
        this.#cosine(part)
        return true
      case 'update':
        this.#update(part, orders)
        return true
      case 'denseForward':
        await this.#denseForward(part, orders)
        return true
      case 'denseUpdate':
        await this.#denseUpdate(part, orders)
        return true
    }
  }

  /** Part of the batch as a block, its inputs centred. */
  #block(part: number, rows: number): Block {
    const { batchTokens, arrays, encoder, d, features } = this.#layout
    const size = blockRows(batchTokens)
    const from = part * size
    return {
      input: arrays.centred,
      from,
      rows: Math.min(size, rows - from),
      encoder,
      d,
      features,
    }
  }

  #encode(part: number, { rows, withDead }: Orders): Promise<boolean> {
    const block = this.#block(part, rows)
    this.#centre(part, block)
    return this.#encoder.encode(block, this.#selections(withDead))
  }

  async #countLevels(part: number, { rows }: Orders): Promise<void> {
    const block = this.#block(part, rows)
    this.#centre(part, block)
    await this.#encoder.countLevels(block, this.#layout.bEnc, this.#scratch.levels)
  }

  /** Takes b_dec off the block's inputs and sums them up, for the variance. */
  #centre(part: number, { from, rows }: Block): void {
    const { step, d, partial } = this.#layout
    const columns = this.#clear(partial.columnSums + part * d * 8, d * 8)
    const squares = this.#clear(partial.squares + part * 8, 8)
    this.#kernels.centre(step, from, from + rows, columns, squares)
  }

  #selections(withDead: number): Selection[] {
    const { arrays, bEnc, choice, codes, dead } = this.#layout
    const { stage, deadStage } = this.#scratch
    const selections: Selection[] = [{ choice, bias: bEnc, stage, entries: codes, perRow: codes.perRow }]
    if (withDead && dead && deadStage)
      selections.push({
        choice: { by: 'largest', k: dead.perRow },
        bias: arrays.deadBias,
        stage: deadStage,
        entries: dead,
        perRow: dead.perRow,
      })
    return selections
  }

  #columns(task: 'countColumns' | 'fillColumns', part: number, { rows, withDead, ranges }: Orders): void {
    const { features, codes, dead } = this.#layout
    const from = Math.floor((features * part) / ranges)
    const to = Math.floor((features * (part + 1)) / ranges)
    for (const store of withDead && dead ? [codes, dead] : [codes]) {
      if (task === 'countColumns') this.#kernels.countColumns(store.struct, rows, from, to)
      else this.#kernels.fillColumns(store.struct, rows, from, to, store.columnNext)
    }
  }

  #forward(part: number, { rows, withDead }: Orders): void {
    const { step, d, partial } = this.#layout
    const from = part * FORWARD_ROWS
    const sums = this.#clear(partial.forwardSums + part * SUMS_BYTES, SUMS_BYTES)
    const errors = this.#clear(partial.errorSums + part * d * 4, d * 4)
    const to = Math.min(rows, from + FORWARD_ROWS)
    this.#kernels.forward(step, from, to, withDead, sums, errors, this.#scratch.rows)
  }

  #cosine(part: number): void {
    const { step, features, partial } = this.#layout
    const { partners, partnerCounts } = this.#scratch
    const from = part * UPDATE_FEATURES
    const to = Math.min(features, from + UPDATE_FEATURES)
    const sum = this.#kernels.cosineGradients(step, from, to, partners, partnerCounts)
    new Float64Array(this.#memory.buffer, partial.cosineSums, part + 1)[part] = sum
  }

  #update(part: number, { withDead, apply }: Orders): void {
    const { step, d, features, partial } = this.#layout
    const from = part * UPDATE_FEATURES
    const sums = this.#clear(partial.updateSums + part * SUMS_BYTES, SUMS_BYTES)
    const bias = this.#clear(partial.biasSums + part * d * 4, d * 4)
    const to = Math.min(features, from + UPDATE_FEATURES)
    this.#kernels.updateFromCodes(step, from, to, withDead, apply, sums, bias, this.#scratch.rows)
  }

  /** A block of rows through all features: reconstruction and error. */
  async #denseForward(part: number, { rows }: Orders): Promise<void> {
    const { step, d, features, gated, decoder, partial } = this.#layout
    const { tile } = this.#scratch
    const dense = this.#dense
    const block = this.#block(part, rows)
    const sums = this.#clear(partial.forwardSums + part * SUMS_BYTES, SUMS_BYTES)
    const errors = this.#clear(partial.errorSums + part * d * 4, d * 4)
    this.#centre(part, block)
    let [done, next, gateDone, gateNext] = dense.reconstructions
    this.#clear(done, block.rows * d * 4)
    this.#clear(gateDone, block.rows * d * 4)
    for (let first = 0; first < features; first += tileFeatures(features)) {
      const width = Math.min(tileFeatures(features), features - first)
      await this.#encoder.multiply(block, first, width, tile)
      this.#kernels.activateTile(step, tile, dense.gate, block.rows, width, first, sums)
      const directions = { address: decoder + first * d * 4, rows: width, columns: d }
      const accumulate = async (codes: number, before: number, after: number): Promise<void> => {
        const sum = { rows: block.rows, columns: d }
        const left = { address: codes, rows: block.rows, columns: width }
        await this.#products.timesPlus(
          left,
          directions,
          { ...sum, address: before },
          { ...sum, address: after },
        )
      }
      await accumulate(tile, done, next)
      ;[done, next] = [next, done]
      if (!gated) continue
      await accumulate(dense.gate, gateDone, gateNext)
      ;[gateDone, gateNext] = [gateNext, gateDone]
    }
    this.#kernels.denseErrors(step, block.from, block.rows, done, gateDone, sums, errors)
  }

  /** A range of features through all rows: gradients and update. */
  async #denseUpdate(part: number, { rows, apply }: Orders): Promise<void> {
    const { step, d, features, gated, encoder, decoder, arrays, partial } = this.#layout
    const { tile, through, gateThrough, encoderGradient, decoderGradient } = this.#dense
    const first = part * DENSE_FEATURES
    const width = Math.min(DENSE_FEATURES, features - first)
    const batch = (address: number) => ({ address, rows, columns: d })
    const rowsOf = (address: number) => ({ address: address + first * d * 4, rows: width, columns: d })
    const codes = (address: number) => ({ address, rows, columns: width })
    await this.#products.timesTransposed(batch(arrays.centred), rowsOf(encoder), codes(tile))
    await this.#products.timesTransposed(batch(arrays.error), rowsOf(decoder), codes(through))
    if (gated)
      await this.#products.timesTransposed(batch(arrays.auxError), rowsOf(decoder), codes(gateThrough))
    this.#kernels.backTile(step, tile, through, gateThrough, rows, width, first)
    const gradient = (address: number) => ({ address, rows: width, columns: d })
    await this.#products.transposedTimes(codes(tile), batch(arrays.error), gradient(decoderGradient))
    await this.#products.transposedTimes(codes(through), batch(arrays.centred), gradient(encoderGradient))
    const sums = this.#clear(partial.updateSums + part * SUMS_BYTES, SUMS_BYTES)
    const bias = this.#clear(partial.biasSums + part * d * 4, d * 4)
    this.#kernels.updateFromRows(
      ...[step, first, first + width, encoderGradient, decoderGradient, apply, sums, bias],
    )
  }

  get #dense(): DenseScratch {
    if (!this.#scratch.dense) throw new Error('no room was made for dense steps')
    return this.#scratch.dense
  }

  #clear(address: number, bytes: number): number {
    new Uint8Array(this.#memory.buffer, address, bytes).fill(0)
    return address
  }
}
