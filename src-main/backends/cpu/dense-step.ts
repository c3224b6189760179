import { tileFeatures, type Block, type BlockEncoder } from './block-encoder.ts'
import { DENSE_FEATURES } from './capacity.ts'
import type { Kernels } from './kernel-module.ts'
import type { Layout } from './layout.ts'
import type { Matrix, Products } from './products.ts'
import { SUMS_BYTES } from './structs.ts'
import type { DenseScratch } from './thread-scratch.ts'

/** One thread's room and tools, as StepThread has them. */
interface Hands {
  memory: WebAssembly.Memory
  layout: Layout
  kernels: Kernels
  products: Products
  encoder: BlockEncoder
  /** [blockRows, tileFeatures] */
  tile: number
  scratch: DenseScratch
}

/**
 * The step as dense products, for batches in which so many features fire that going from entry to entry costs more.
 * The codes are never held whole: a block of rows, then a range of features, and the encoder product is made twice.
 */
export class DenseStep {
  readonly #hands: Hands

  constructor(hands: Hands) {
    this.#hands = hands
  }

  /** A block of rows through all features: reconstruction and error. */
  async forward(part: number, block: Block): Promise<void> {
    const { layout, kernels, encoder, tile, scratch } = this.#hands
    const { step, d, features, gated, partial } = layout
    const sums = this.#clear(partial.forwardSums + part * SUMS_BYTES, SUMS_BYTES)
    const errors = this.#clear(partial.errorSums + part * d * 4, d * 4)
    let [done, next, gateDone, gateNext] = scratch.reconstructions
    this.#clear(done, block.rows * d * 4)
    this.#clear(gateDone, block.rows * d * 4)
    for (let first = 0; first < features; first += tileFeatures(features)) {
      const width = Math.min(tileFeatures(features), features - first)
      await encoder.multiply(block, first, width, tile)
      kernels.activateTile(step, tile, scratch.gate, block.rows, width, first, sums)
      const codes = (address: number): Matrix => ({ address, rows: block.rows, columns: width })
      await this.#accumulate(codes(tile), first, done, next)
      ;[done, next] = [next, done]
      if (!gated) continue
      await this.#accumulate(codes(scratch.gate), first, gateDone, gateNext)
      ;[gateDone, gateNext] = [gateNext, gateDone]
    }
    kernels.denseErrors(step, block.from, block.rows, done, gateDone, sums, errors)
  }

  /** after = before + codes · the decoder's rows from feature `first` on. */
  #accumulate(codes: Matrix, first: number, before: number, after: number): Promise<void> {
    const { layout, products } = this.#hands
    const { decoder, d } = layout
    const directions = { address: decoder + first * d * 4, rows: codes.columns, columns: d }
    const sum = (address: number): Matrix => ({ address, rows: codes.rows, columns: d })
    return products.timesPlus(codes, directions, sum(before), sum(after))
  }

  /** A range of features through all rows: gradients and, where `apply` is 1, the update. */
  async update(part: number, { rows, apply }: { rows: number; apply: number }): Promise<void> {
    const { layout, kernels, products, scratch } = this.#hands
    const { step, d, features, gated, encoder, decoder, arrays, partial } = layout
    const { tile, through, gateThrough, encoderGradient, decoderGradient } = scratch
    const first = part * DENSE_FEATURES
    const width = Math.min(DENSE_FEATURES, features - first)
    const batch = (address: number): Matrix => ({ address, rows, columns: d })
    const rowsOf = (address: number): Matrix => ({
      address: address + first * d * 4,
      rows: width,
      columns: d,
    })
    const codes = (address: number): Matrix => ({ address, rows, columns: width })
    const gradient = (address: number): Matrix => ({ address, rows: width, columns: d })
    await products.timesTransposed(batch(arrays.centred), rowsOf(encoder), codes(tile))
    await products.timesTransposed(batch(arrays.error), rowsOf(decoder), codes(through))
    if (gated) await products.timesTransposed(batch(arrays.auxError), rowsOf(decoder), codes(gateThrough))
    kernels.backTile(step, tile, through, gateThrough, rows, width, first)
    await products.transposedTimes(codes(tile), batch(arrays.error), gradient(decoderGradient))
    await products.transposedTimes(codes(through), batch(arrays.centred), gradient(encoderGradient))
    const sums = this.#clear(partial.updateSums + part * SUMS_BYTES, SUMS_BYTES)
    const bias = this.#clear(partial.biasSums + part * d * 4, d * 4)
    const made = [encoderGradient, decoderGradient]
    kernels.updateFromRows(...[step, first, first + width, ...made, apply, sums, bias])
  }

  #clear(address: number, bytes: number): number {
    new Uint8Array(this.#hands.memory.buffer, address, bytes).fill(0)
    return address
  }
}
