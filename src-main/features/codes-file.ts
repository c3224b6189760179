import { existsSync } from 'node:fs'
import type { FeatureMap } from '#contract/feature.ts'
import { problem } from '#contract/problem.ts'
import { openDatabase, type Sqlite } from '../store/database.ts'
import { emptyStatistics, type FeatureStatistics } from './statistics.ts'

/**
 * codes/<id>.db: a run of tokens ("segment") is written in one transaction, with the statistics up to its end, so a
 * kill at any instant leaves whole segments. Postings are keyed by segment, then feature, then block: writing only ever
 * appends, reading a feature is one look-up a segment. Blocks are short because a row of SQLite that is not small
 * against a page leaves the rest of its page empty.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS codes (
    format INTEGER NOT NULL,
    d_sae INTEGER NOT NULL,
    sketch_rate REAL NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS segments (
    segment INTEGER PRIMARY KEY,
    first_token INTEGER NOT NULL,
    end_token INTEGER NOT NULL,
    counted_tokens INTEGER NOT NULL,
    non_zeros INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS postings (key INTEGER PRIMARY KEY, block BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS statistics (name TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sketch (token INTEGER PRIMARY KEY, features BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS left_out (token INTEGER PRIMARY KEY) STRICT;
`
const FORMAT = 1
/** More features than any SAE has, and more blocks than a segment can have of one. */
const FEATURES_AT_MOST = 2 ** 20
const BLOCKS_AT_MOST = 2 ** 16
/** Postings in a block. */
export const BLOCK = 256
/** The key of a feature's first block in a segment; the others follow. Whole numbers up to 2^53: 2^17 segments. */
export const firstKey = (segment: number, feature: number): number =>
  (segment * FEATURES_AT_MOST + feature) * BLOCKS_AT_MOST
export const lastKey = (segment: number, feature: number): number =>
  firstKey(segment, feature) + BLOCKS_AT_MOST - 1

export interface SegmentRow {
  segment: number
  firstToken: number
  endToken: number
  countedTokens: number
  nonZeros: number
}

export interface CodesFile {
  db: Sqlite
  dSae: number
  /** The share of tokens in the sketch (sketch.ts). */
  sketchRate: number
}

/** Makes an index file, or opens the one that is there. @throws Problem when it is of another SAE width. */
export function createCodesFile(file: string, dSae: number, sketchRate: number): CodesFile {
  if (dSae > FEATURES_AT_MOST)
    throw problem('unsupported', 'SAE', `it has ${dSae} features, an index holds up to ${FEATURES_AT_MOST}`)
  const isNew = !existsSync(file)
  const db = openDatabase(file)
  // An index of so many tokens that it has a sketch is a large one.
  if (isNew) setPageSize(db, sketchRate > 0 ? 65_536 : 16_384)
  db.transaction(() => {
    db.exec(SCHEMA)
    if (db.prepare('SELECT 1 FROM codes').get() === undefined)
      db.prepare('INSERT INTO codes (format, d_sae, sketch_rate) VALUES (?, ?, ?)').run(
        FORMAT,
        dSae,
        sketchRate,
      )
    // An index that was small and has grown gets a sketch of the tokens still to come.
    db.prepare('UPDATE codes SET sketch_rate = ? WHERE sketch_rate = 0').run(sketchRate)
  }).immediate()
  return described(db, file)
}

/** Opens an index file to read. @throws Problem when it is missing, broken or from a newer program. */
export function openCodesFile(file: string): CodesFile {
  return described(openDatabase(file, { readonly: true }), file)
}

/**
 * Blocks of a kilobyte leave a tenth of the usual page of 4 KB empty, of the largest a hundredth; but every table has at
 * least a page, which a small index would be made of. Only an empty file outside WAL can change.
 */
function setPageSize(db: Sqlite, bytes: number): void {
  db.pragma('journal_mode = DELETE')
  db.pragma(`page_size = ${bytes}`)
  db.exec('VACUUM')
  db.pragma('journal_mode = WAL')
}

function described(db: Sqlite, file: string): CodesFile {
  const row = db.prepare('SELECT format, d_sae AS dSae, sketch_rate AS sketchRate FROM codes').get() as
    { format: number; dSae: number; sketchRate: number } | undefined
  if (!row) throw problem('bad-file', file, 'this index file is empty', 'Index the SAE again.')
  if (row.format > FORMAT)
    throw problem(
      'unsupported',
      file,
      `it has format ${row.format}, this program knows up to ${FORMAT}`,
      'Update Suture.',
    )
  return { db, dSae: row.dSae, sketchRate: row.sketchRate }
}

export function segmentsOf(db: Sqlite): SegmentRow[] {
  return db
    .prepare(
      `SELECT segment, first_token AS firstToken, end_token AS endToken, counted_tokens AS countedTokens,
       non_zeros AS nonZeros FROM segments ORDER BY segment`,
    )
    .all() as SegmentRow[]
}

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

export function writeArray(db: Sqlite, name: string, array: ArrayBufferView): void {
  db.prepare('INSERT OR REPLACE INTO statistics (name, data) VALUES (?, ?)').run(name, bytesOf(array))
}

/** The bytes of an array that was written under this name, in memory of their own; undefined when there is none. */
export function readArray(db: Sqlite, name: string): ArrayBuffer | undefined {
  const row = db.prepare('SELECT data FROM statistics WHERE name = ?').get(name) as
    { data: Uint8Array } | undefined
  return row && (row.data.slice().buffer as ArrayBuffer)
}

export function writeStatistics(db: Sqlite, statistics: FeatureStatistics): void {
  for (const [name, array] of Object.entries(statistics)) writeArray(db, name, array as ArrayBufferView)
}

export function readStatistics({ db, dSae }: CodesFile): FeatureStatistics {
  const statistics = emptyStatistics(dSae)
  for (const array of Object.entries(statistics) as [string, Uint32Array][]) {
    const stored = readArray(db, array[0])
    if (stored) bytesOf(array[1]).set(new Uint8Array(stored))
  }
  return statistics
}

const MAP = ['features', 'x', 'y'] as const
/** Keeps the map of an index's features in its file. */
export function writeMap(file: string, map: FeatureMap): void {
  const db = openDatabase(file)
  db.transaction(() => MAP.forEach((name) => writeArray(db, `map ${name}`, map[name]))).immediate()
  db.close()
}

/** The map that was kept; undefined when none was made yet. */
export function readMap(file: string): FeatureMap | undefined {
  const { db } = openCodesFile(file)
  const [features, x, y] = MAP.map((name) => readArray(db, `map ${name}`))
  db.close()
  return features && x && y
    ? { features: new Uint32Array(features), x: new Float32Array(x), y: new Float32Array(y) }
    : undefined
}
