import type { ActivationReader } from '../../activations/reader.ts'
import { shuffledBatches } from '../../activations/shuffled-batches.ts'
import type { RunSettings } from '#contract/training.ts'
import type { Batch, BatchSource, Place } from './batch-source.ts'

/** Metrics are measured on about so many tokens. */
const EVALUATION_TOKENS = 1 << 18
/** Tokens of a chunk when measuring. */
const CHUNK_TOKENS = 8192
/** A set without contexts is one long row; it is measured in pieces. */
const LONGEST_PIECE = 4096

type Settings = Pick<RunSettings, 'batchTokens' | 'seed' | 'skipPosition0'>

/** Batches from an activation set on disk. */
export class CachedSource implements BatchSource {
  readonly dIn: number
  readonly evaluationTokens: number
  readonly #reader: ActivationReader
  readonly #settings: Settings
  constructor(reader: ActivationReader, settings: Settings) {
    this.dIn = reader.set.dIn
    this.evaluationTokens = Math.min(EVALUATION_TOKENS, reader.set.tokens)
    this.#reader = reader
    this.#settings = settings
  }

  async *batches(from: Place): AsyncGenerator<Batch, void, void> {
    const { batchTokens, seed, skipPosition0 } = this.#settings
    const into = new Float32Array(batchTokens * this.dIn)
    const options = { batchTokens, seed, skipPosition0, fromBatch: from.batch, into }
    let { batch } = from
    for (const x of shuffledBatches(this.#reader, options)) yield { x, next: { batch: ++batch } }
  }

  /** Rows at even distances. */
  async *evaluation(): AsyncGenerator<Float32Array, void, void> {
    const { contextSize, tokens } = this.#reader.set
    const perPiece = Math.min(contextSize, LONGEST_PIECE)
    const pieces = Math.ceil(tokens / perPiece)
    const taken = Math.max(1, Math.min(pieces, Math.round(this.evaluationTokens / perPiece)))
    const perChunk = Math.max(1, Math.floor(CHUNK_TOKENS / perPiece))
    for (let from = 0; from < taken; from += perChunk) {
      const parts: Float32Array[] = []
      for (let n = from; n < Math.min(taken, from + perChunk); n++)
        parts.push(this.#piece(Math.floor((n * pieces) / taken) * perPiece, perPiece))
      yield joined(parts)
    }
  }

  /** The activations of a piece of the set, without the position 0 it may hold where that is left out. */
  #piece(from: number, perPiece: number): Float32Array {
    const { contextSize, tokens } = this.#reader.set
    const end = Math.min(from + perPiece, tokens)
    const position0 = Math.ceil(from / contextSize) * contextSize
    const leavesOut = this.#settings.skipPosition0 && contextSize > 1 && position0 < end
    if (!leavesOut) return this.#reader.read(from, end - from)
    return joined([
      this.#reader.read(from, position0 - from),
      this.#reader.read(position0 + 1, end - position0 - 1),
    ])
  }

  async close(): Promise<void> {
    this.#reader.close()
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
