import type { TraineeConfig } from '../../sae/backend.ts'
import type { Arena } from './arena.ts'
import { placeStage, type EntryStore, type Stage } from './block-encoder.ts'
import { choosesByBatch } from './capacity.ts'

/** Rows of a batch that are encoded in full beforehand, in parts of so many. */
export const SAMPLE_ROWS = 64
export const SAMPLE_PART = 32
/** Where the choice is over the whole batch, a row may have this many times its share. */
const BATCH_ROOM = 4

/** Some rows of the batch with their largest pre-activations, from which the others' search begins (addresses). */
export interface SampleLayout {
  /** [SAMPLE_ROWS, d] */
  input: number
  entries: EntryStore
  /** The largest of each row that are kept. */
  perRow: number
}

/** Room for a sample, where a kind keeps the largest; others know their cuts without looking. */
export function placeSample(arena: Arena, config: TraineeConfig, d: number): SampleLayout | null {
  if (!('k' in config)) return null
  const perRow = Math.min(config.dSae, choosesByBatch(config) ? BATCH_ROOM * config.k : config.k)
  const words = (count: number): number => arena.reserve(count * 4)
  return {
    input: words(SAMPLE_ROWS * d),
    entries: {
      rowStart: words(SAMPLE_ROWS),
      rowCount: words(SAMPLE_ROWS),
      feature: words(SAMPLE_ROWS * perRow),
      value: words(SAMPLE_ROWS * perRow),
    },
    perRow,
  }
}

export const placeSampleStage = (arena: Arena, features: number, perRow: number): Stage =>
  placeStage((bytes) => arena.reserve(bytes), { rows: SAMPLE_PART, features, by: 'largest', perRow })

/** How many rows are sampled out of so many, and which the i-th is: spread evenly, the same for the same batch. */
export const sampleSize = (rows: number): number => Math.min(SAMPLE_ROWS, rows)
export const sampledRow = (i: number, rows: number): number => Math.floor((i * rows) / sampleSize(rows))
