import type { ActivationDtype } from '#contract/activation-set.ts'

/** Rows that go through the model together: about this many tokens, and activations of about this size at most. */
const TOKENS_AT_ONCE = 2048
const LARGEST_BATCH_BYTES = 16 << 20
/** A chunk is what is committed at once, and lost at most; also what is read at once when shuffling. */
const CHUNK_BYTES = 4 << 20
const LARGEST_CHUNK_BATCHES = 64
/** SQLite's pages, of which the last of every chunk is not full, the first few of a file, and the log beside it. */
const OVERHEAD = 1.02
const FIRST_PAGES = 4 << 16
const LOG_BYTES = 32 << 20

export const bytesPerValue = (dtype: ActivationDtype): number => (dtype === 'f16' ? 2 : 4)

/** What a token takes: its activation and, where it has one, its id. */
export const bytesPerToken = (dIn: number, dtype: ActivationDtype, hasTokens: boolean): number =>
  dIn * bytesPerValue(dtype) + (hasTokens ? 4 : 0)

/** Bytes that a file of so many tokens takes on disk, a little more than less. */
export const fileBytes = (tokens: number, perToken: number): number =>
  Math.ceil(tokens * perToken * OVERHEAD) + FIRST_PAGES

/** Room that must be free to write so many bytes: they and SQLite's log. */
export const roomFor = (bytes: number): number => bytes + Math.min(bytes, LOG_BYTES)

/**
 * How many rows go through the model at once, and how many make a chunk. Decided once, before the start, from sizes
 * alone: a resumed harvest computes the same batches and so the same numbers.
 */
export function harvestLayout(
  contextSize: number,
  widest: number,
  dtype: ActivationDtype,
): { rowsPerBatch: number; rowsPerChunk: number } {
  const rowBytes = contextSize * widest * bytesPerValue(dtype)
  const rows = Math.min(TOKENS_AT_ONCE / contextSize, LARGEST_BATCH_BYTES / rowBytes)
  const rowsPerBatch = Math.max(1, Math.round(rows))
  const batches = Math.round(CHUNK_BYTES / (rowsPerBatch * rowBytes))
  return { rowsPerBatch, rowsPerChunk: rowsPerBatch * Math.min(LARGEST_CHUNK_BATCHES, Math.max(1, batches)) }
}

/** Tokens in a chunk where activations do not come from a model. */
export const tokensPerChunk = (dIn: number, dtype: ActivationDtype): number =>
  Math.max(1, Math.round(CHUNK_BYTES / (dIn * bytesPerValue(dtype))))
