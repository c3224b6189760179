import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { decode, encode } from '#contract/ports.ts'
import { migrate, openDatabase, type Sqlite } from '../store/database.ts'
import type { EvaluationPart } from './evaluation-builder.ts'

// A stitch's own SQLite file: the evaluation set in parts, and the history of the hybrid.

const migrations = [
  {
    up: `
      CREATE TABLE parts (
        number INTEGER PRIMARY KEY,
        token_number BLOB NOT NULL,
        start BLOB NOT NULL,
        candidate BLOB NOT NULL,
        activation BLOB NOT NULL,
        along BLOB NOT NULL,
        error BLOB NOT NULL,
        sum BLOB NOT NULL,
        squares REAL NOT NULL
      ) STRICT;

      CREATE TABLE points (
        point INTEGER PRIMARY KEY,
        parent INTEGER REFERENCES points (point),
        title TEXT NOT NULL,
        toggles BLOB NOT NULL,
        metrics TEXT NOT NULL,
        at TEXT NOT NULL,
        redo INTEGER REFERENCES points (point)
      ) STRICT;
      CREATE TABLE head (only INTEGER PRIMARY KEY CHECK (only = 1), point INTEGER NOT NULL REFERENCES points (point)) STRICT;
      CREATE TABLE versions (name TEXT PRIMARY KEY, point INTEGER NOT NULL REFERENCES points (point)) STRICT;

      CREATE TABLE results (kind TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
    `,
  },
]

export function openStitchFile(folder: string): Sqlite {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'stitch.db')
  const db = openDatabase(file)
  // Every drop is waited for until it is on the disk.
  db.pragma('synchronous = FULL')
  migrate(db, file, migrations)
  return db
}

const bytes = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** A copy, so that the values begin where an array of their kind may begin. */
const copied = (blob: Uint8Array): ArrayBuffer => new Uint8Array(blob).buffer

interface PartRow {
  token_number: Uint8Array
  start: Uint8Array
  candidate: Uint8Array
  activation: Uint8Array
  along: Uint8Array
  error: Uint8Array
  sum: Uint8Array
  squares: number
}

/** How many parts of the evaluation set are there; they are numbered 0, 1, … without gaps. */
export const countParts = (db: Sqlite): number =>
  db.prepare('SELECT count(*) FROM parts').pluck().get() as number

export function writePart(db: Sqlite, number: number, part: EvaluationPart): void {
  db.prepare('INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
    number,
    bytes(part.tokenNumber),
    bytes(part.start),
    bytes(part.candidate),
    bytes(part.activation),
    bytes(part.along),
    bytes(part.error),
    bytes(part.sum),
    part.squares,
  )
}

export function readParts(db: Sqlite): EvaluationPart[] {
  const rows = db.prepare('SELECT * FROM parts ORDER BY number').all() as PartRow[]
  return rows.map((row) => ({
    tokenNumber: new Int32Array(copied(row.token_number)),
    start: new Uint32Array(copied(row.start)),
    candidate: new Uint32Array(copied(row.candidate)),
    activation: new Float32Array(copied(row.activation)),
    along: new Float64Array(copied(row.along)),
    error: new Float64Array(copied(row.error)),
    sum: new Float64Array(copied(row.sum)),
    squares: row.squares,
  }))
}

export const togglesToBlob = (toggles: Int32Array): Uint8Array => bytes(toggles)
export const togglesFromBlob = (blob: Uint8Array): Int32Array => new Int32Array(copied(blob))

/** What long work found, by name; a newer result takes the place of the older. */
export function writeResult(db: Sqlite, kind: string, value: unknown): void {
  db.prepare('INSERT OR REPLACE INTO results VALUES (?, ?)').run(kind, encode(value))
}

/** null where it has not been worked out. */
export function readResult<T>(db: Sqlite, kind: string, schema: z.ZodType<T>): T | null {
  const blob = db.prepare('SELECT value FROM results WHERE kind = ?').pluck().get(kind) as
    Uint8Array | undefined
  return blob === undefined ? null : schema.parse(decode(copied(blob)))
}
