import { problem } from '#contract/problem.ts'
import type { SaeWeights, SparseCodes } from '../../sae/weights.ts'
import { Arena, type Floats, type Words } from './arena.ts'
import { BlockEncoder, placeStage, tileFeatures, type Choice, type Selection } from './block-encoder.ts'
import { CodesBuilder } from './codes-builder.ts'
import { EncoderInput } from './encoder-input.ts'
import { encoderRule, type EncoderRule } from './encoder-rule.ts'
import { kernelsOn } from './kernel-module.ts'
import { Products } from './products.ts'

/** Rows whose entries are found together. */
const BLOCK_ROWS = 512
/** Entries per row that a block has room for; where more fire, the block is encoded in smaller pieces. */
const ROOM_PER_ROW = 256

export interface EncoderOptions {
  /** Threads of the matrix product. Default 1. */
  threads?: number
  /** The most rows held at a time. Default 512. */
  maxRows?: number
}

/** Turns activations into exact sparse codes. Calls must not overlap. */
export interface Encoder {
  /**
   * @param x [rows, dIn]
   * @returns the codes as SaeWeights defines them: a > 0, features ascending within each row
   */
  encode(x: Float32Array, rows: number): Promise<SparseCodes>
  close(): Promise<void>
}

/**
 * An encoder for an SAE of any kind. It holds the encoder's matrix once and a block of rows; it stays valid only as
 * long as the weights are not changed.
 * @throws Problem when the weights lack what their architecture needs
 */
export async function openEncoder(weights: SaeWeights, options: EncoderOptions = {}): Promise<Encoder> {
  return new CpuEncoder(weights, options)
}

interface Entries {
  rowStart: Words
  rowCount: Words
  feature: Words
  value: Floats
}

class CpuEncoder implements Encoder {
  readonly #dIn: number
  readonly #dSae: number
  readonly #rule: EncoderRule
  readonly #products: Products
  readonly #blocks: BlockEncoder
  readonly #input: EncoderInput
  readonly #matrix: number
  readonly #selection: Selection
  readonly #entries: Entries
  readonly #blockRows: number

  constructor(weights: SaeWeights, { threads = 1, maxRows = BLOCK_ROWS }: EncoderOptions) {
    const { dIn, dSae } = weights
    const arena = new Arena()
    const rows = Math.max(1, Math.min(maxRows, BLOCK_ROWS))
    this.#dIn = dIn
    this.#dSae = dSae
    this.#blockRows = rows
    this.#rule = encoderRule(weights)
    this.#input = new EncoderInput(arena, weights, rows)
    this.#matrix = placeMatrix(arena, weights, this.#input.d, this.#rule.scale)
    const perRow = this.#rule.k ?? Math.min(dSae, ROOM_PER_ROW)
    // A single row must always fit.
    const capacity = Math.ceil(Math.max(rows * perRow, dSae) / rows) * rows
    this.#entries = {
      rowStart: arena.words(rows),
      rowCount: arena.words(rows),
      feature: arena.words(capacity),
      value: arena.floats(capacity),
    }
    this.#selection = placeSelection(arena, weights, this.#rule, rows, perRow, this.#entries)
    const tile = arena.reserve(rows * tileFeatures(dSae) * 4)
    this.#products = new Products(arena.memory, threads)
    this.#blocks = new BlockEncoder(kernelsOn(arena.memory), this.#products, arena.memory, tile)
  }

  async encode(x: Float32Array, rows: number): Promise<SparseCodes> {
    if (x.length < rows * this.#dIn)
      throw problem('mismatch', 'activations', `${x.length} numbers are not ${rows} rows of ${this.#dIn}`)
    const codes = new CodesBuilder(rows)
    for (let from = 0; from < rows; from += this.#blockRows)
      await this.#encodeRows(x, from, Math.min(rows, from + this.#blockRows), codes)
    return codes.finish()
  }

  close(): Promise<void> {
    return this.#products.release()
  }

  /** Rows [from, to), in halves where their entries do not fit; a single row always does. */
  async #encodeRows(x: Float32Array, from: number, to: number, codes: CodesBuilder): Promise<void> {
    this.#input.place(x, from, to)
    const { address: input, d } = this.#input
    const block = { input, from: 0, rows: to - from, encoder: this.#matrix, d, features: this.#dSae }
    if (await this.#blocks.encode(block, [this.#selection])) return this.#collect(to - from, codes)
    const middle = (from + to) >> 1
    await this.#encodeRows(x, from, middle, codes)
    await this.#encodeRows(x, middle, to, codes)
  }

  #collect(rows: number, codes: CodesBuilder): void {
    const { rowStart, rowCount, feature, value } = this.#entries
    for (let r = 0; r < rows; r++) {
      const start = rowStart.view[r]
      const end = start + rowCount.view[r]
      for (let entry = start; entry < end; entry++) {
        const j = feature.view[entry]
        codes.add(j, this.#rule.value(value.view[entry], j))
      }
      codes.endRow()
    }
  }
}

/** The encoder's rows, scaled where the rule says so, padded to d. */
function placeMatrix(
  arena: Arena,
  { encoder, dIn, dSae }: SaeWeights,
  d: number,
  scale?: Float64Array,
): number {
  const { address, view } = arena.floats(dSae * d)
  if (d === dIn && !scale) view.set(encoder)
  else
    for (let j = 0; j < dSae; j++)
      for (let i = 0; i < dIn; i++) view[j * d + i] = encoder[j * dIn + i] * (scale?.[j] ?? 1)
  return address
}

function placeSelection(
  arena: Arena,
  { bEnc, dSae }: SaeWeights,
  rule: EncoderRule,
  rows: number,
  perRow: number,
  { rowStart, rowCount, feature, value }: Entries,
): Selection {
  const bias = arena.floats(dSae)
  bias.view.set(bEnc)
  if (rule.scale) for (let j = 0; j < dSae; j++) bias.view[j] *= rule.scale[j]
  const cut = arena.floats(dSae)
  if (rule.cut) cut.view.set(rule.cut)
  const choice: Choice = rule.k === null ? { by: 'cut', cut: cut.address } : { by: 'largest', k: rule.k }
  const entries = {
    rowStart: rowStart.address,
    rowCount: rowCount.address,
    feature: feature.address,
    value: value.address,
  }
  const room = choice.by === 'largest' ? perRow : Math.ceil(feature.view.length / rows)
  const size = { rows, features: dSae, by: choice.by, perRow: room }
  const stage = placeStage((bytes) => arena.reserve(bytes), size)
  return { choice, bias: bias.address, stage, entries, perRow }
}
