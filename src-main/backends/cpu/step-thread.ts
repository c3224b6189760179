import { BlockEncoder, blockRows, type Block, type Selection } from './block-encoder.ts'
import { kernelsOn, type Kernels } from './kernel-module.ts'
import { DENSE_FEATURES, FORWARD_ROWS, UPDATE_FEATURES } from './capacity.ts'
import { DenseStep } from './dense-step.ts'
import { IntegerProduct } from './integer-product.ts'
import type { Layout } from './layout.ts'
import { PrunedEncoder } from './pruned-encoder.ts'
import { Products } from './products.ts'
import { SAMPLE_PART, sampledRow, sampleSize } from './sample.ts'
import { SUMS_BYTES } from './structs.ts'

/** What changes from one call to the next; crosses to the workers as numbers. */
export interface Orders {
  rows: number
  /** 1 when dead features are being revived in this step. */
  withDead: number
  /** How many features are dead. */
  dead: number
  /** 1 to look through 8-bit products first. */
  pruned: number
  /** 1 to update, 0 to measure the gradient's norm only. */
  apply: number
  /** How many ranges of features the columns are shared into. */
  ranges: number
}
export const ORDERS = ['rows', 'withDead', 'dead', 'pruned', 'apply', 'ranges'] as const

/** The work of a step in parts that any thread may take; names are sent to the workers by their number. */
export const TASKS = [
  'centre',
  'quantise',
  'sample',
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
    case 'centre':
    case 'countLevels':
    case 'encode':
    case 'denseForward':
      return Math.ceil(orders.rows / blockRows(layout.batchTokens))
    case 'sample':
      return Math.ceil(sampleSize(orders.rows) / SAMPLE_PART)
    case 'forward':
      return Math.ceil(orders.rows / FORWARD_ROWS)
    case 'quantise':
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
  readonly #integers: IntegerProduct | null = null
  readonly #pruned: PrunedEncoder | null = null
  readonly #dense: DenseStep | null = null

  constructor(memory: WebAssembly.Memory, layout: Layout, index: number) {
    this.#layout = layout
    this.#memory = memory
    this.#kernels = kernelsOn(memory)
    this.#products = new Products(memory)
    this.#scratch = layout.threads[index]
    this.#encoder = new BlockEncoder(this.#kernels, this.#products, memory, this.#scratch.tile)
    const hands = { memory, layout, kernels: this.#kernels, products: this.#products, encoder: this.#encoder }
    const { pruned, dense, tile } = this.#scratch
    if (dense) this.#dense = new DenseStep({ ...hands, tile, scratch: dense })
    if (!pruned || !layout.pruning) return
    const { quantised } = layout.pruning
    this.#integers = new IntegerProduct(memory)
    this.#pruned = new PrunedEncoder(this.#kernels, this.#integers, memory, quantised, pruned)
  }

  get kernels(): Kernels {
    return this.#kernels
  }

  /** Milliseconds this thread has spent in dense products. */
  get productTime(): number {
    return this.#products.milliseconds + (this.#integers?.milliseconds ?? 0)
  }

  async release(): Promise<void> {
    await this.#products.release()
    await this.#integers?.release()
  }

  /** @returns false when the part's entries did not fit (encode only) */
  async run(task: Task, part: number, orders: Orders): Promise<boolean> {
    switch (task) {
      case 'centre':
        this.#centre(part, this.#block(part, orders.rows))
        return true
      case 'quantise':
        this.#quantise(part)
        return true
      case 'sample':
        await this.#sample(part, orders)
        return true
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
        await this.#dense?.forward(part, this.#block(part, orders.rows))
        return true
      case 'denseUpdate':
        await this.#dense?.update(part, orders)
        return true
    }
  }

  /** Part of the batch as a block. */
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

  async #encode(part: number, orders: Orders): Promise<boolean> {
    const block = this.#block(part, orders.rows)
    const [main, ofDead] = this.#selections(orders.withDead)
    if (orders.pruned && this.#pruned && (await this.#encodePruned(this.#pruned, block, main))) {
      if (ofDead) await this.#encodeDead(block, ofDead, orders.dead)
      return true
    }
    return this.#encoder.encode(block, ofDead ? [main, ofDead] : [main])
  }

  async #encodePruned(pruned: PrunedEncoder, block: Block, main: Selection): Promise<boolean> {
    const { pruning } = this.#layout
    if (!pruning) return false
    const [floorPerNorm] = new Float32Array(this.#memory.buffer, pruning.floorPerNorm, 1)
    const done = await pruned.encode(block, main, floorPerNorm, this.#encoder)
    if (done) Atomics.add(new Int32Array(this.#memory.buffer, pruning.blocks, 1), 0, 1)
    return done
  }

  /** The second choice of aux-k, from a product with the dead features' rows alone. */
  async #encodeDead(block: Block, selection: Selection, count: number): Promise<void> {
    const rows = this.#layout.pruning?.dead
    if (!rows) throw new Error('no room was made for the rows of dead features')
    const alone = { ...block, encoder: rows.encoder, features: count }
    await this.#encoder.encode(alone, [{ ...selection, bias: rows.bias }])
    const { entries, perRow } = selection
    const counts = new Uint32Array(this.#memory.buffer, entries.rowCount, block.from + block.rows)
    for (let r = block.from; r < block.from + block.rows; r++)
      this.#kernels.renumber(entries.feature + r * perRow * 4, counts[r], rows.numbers)
  }

  #quantise(part: number): void {
    const { pruning, encoder, d, features } = this.#layout
    if (!pruning) throw new Error('no room was made for pruning')
    const { rows, scales, norms, errors, rowFactors } = pruning.quantised
    const from = part * UPDATE_FEATURES
    const to = Math.min(features, from + UPDATE_FEATURES)
    this.#kernels.quantiseRows(encoder, from, to, d, rowFactors, rows, scales, norms, errors)
  }

  /** Some rows of the batch in full, from which the search among the others begins. */
  async #sample(part: number, { rows }: Orders): Promise<void> {
    const { pruning, arrays, encoder, bEnc, d, features } = this.#layout
    const { sampleStage: stage } = this.#scratch
    if (!pruning?.sample || !stage) throw new Error('no room was made for a sample')
    const { input, entries, perRow } = pruning.sample
    const from = part * SAMPLE_PART
    const to = Math.min(from + SAMPLE_PART, sampleSize(rows))
    const memory = new Uint8Array(this.#memory.buffer)
    for (let i = from; i < to; i++) {
      const row = arrays.centred + sampledRow(i, rows) * d * 4
      memory.copyWithin(input + i * d * 4, row, row + d * 4)
    }
    const block = { input, from, rows: to - from, encoder, d, features }
    await this.#encoder.encode(block, [
      { choice: { by: 'largest', k: perRow }, bias: bEnc, stage, entries, perRow },
    ])
  }

  async #countLevels(part: number, { rows }: Orders): Promise<void> {
    const block = this.#block(part, rows)
    await this.#encoder.countLevels(block, this.#layout.bEnc, this.#scratch.levels)
  }

  /** Takes b_dec off the block's inputs and sums them up, for the variance. */
  #centre(part: number, { from, rows }: Block): void {
    const { step, d, partial } = this.#layout
    const columns = this.#clear(partial.columnSums + part * d * 8, d * 8)
    const squares = this.#clear(partial.columnSquares + part * d * 8, d * 8)
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

  #clear(address: number, bytes: number): number {
    new Uint8Array(this.#memory.buffer, address, bytes).fill(0)
    return address
  }
}
