import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { ActivationDtype } from '#contract/activation-set.ts'
import { problem } from '#contract/problem.ts'
import { migrate, openDatabase, type Sqlite } from '../store/database.ts'

/** What a cache file says of itself. All chunks but the last hold `tokensPerChunk` tokens. */
export const CacheHeader = z.object({
  dIn: z.int().min(1),
  dtype: ActivationDtype,
  contextSize: z.int().min(1),
  tokensPerChunk: z.int().min(1),
  hasTokens: z.boolean(),
})
export type CacheHeader = z.infer<typeof CacheHeader>

/** As stored: activations [tokens, dIn] in the header's type, ids int32, both little-endian. */
export interface StoredChunk {
  activations: Uint8Array
  ids: Uint8Array | null
}

const migrations = [
  {
    // The small columns come first: reading them does not walk through the pages of the large ones.
    up: `
      CREATE TABLE header (only INTEGER PRIMARY KEY CHECK (only = 1), data TEXT NOT NULL) STRICT;
      CREATE TABLE chunks (
        number INTEGER PRIMARY KEY,
        tokens INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        after TEXT,
        ids BLOB,
        activations BLOB NOT NULL
      ) STRICT;
    `,
  },
]

/** The largest pages make a chunk a short chain: half again as fast to read as with pages of 16384 bytes. */
const PAGE_SIZE = 65536

const checksumOf = ({ activations, ids }: StoredChunk): number =>
  crc32(ids ?? new Uint8Array(), crc32(activations))

/** One activation set's SQLite file: a header and numbered chunks. A chunk is there whole or not at all. */
export class ActivationCache {
  readonly file: string
  readonly header: CacheHeader
  readonly #db: Sqlite
  /** Chunks whose checksum was compared since the file was opened. */
  readonly #verified = new Set<number>()
  constructor(file: string, db: Sqlite, header: CacheHeader) {
    this.file = file
    this.header = header
    this.#db = db
  }

  /** How many chunks are durable, and their tokens. */
  extent(): { chunks: number; tokens: number } {
    return this.#db.prepare('SELECT count(*) AS chunks, total(tokens) AS tokens FROM chunks').get() as {
      chunks: number
      tokens: number
    }
  }

  has(number: number): boolean {
    return this.#db.prepare('SELECT 1 FROM chunks WHERE number = ?').get(number) !== undefined
  }

  /** Adds the next chunk; when this returns it survives the death of the process. */
  append(number: number, tokens: number, chunk: StoredChunk, after: unknown): void {
    this.#db
      .prepare(
        'INSERT INTO chunks (number, tokens, checksum, after, ids, activations) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(number, tokens, checksumOf(chunk), JSON.stringify(after), chunk.ids, chunk.activations)
  }

  /** What `append` was told about where to go on after a chunk. */
  after(number: number): unknown {
    const row = this.#db.prepare('SELECT after FROM chunks WHERE number = ?').get(number) as { after: string }
    return JSON.parse(row.after)
  }

  /** The first time a chunk is read its checksum is compared. @throws Problem bad-file when it differs */
  activations(number: number): Uint8Array {
    if (!this.#verified.has(number)) return this.verifyChunk(number)
    const row = this.#db.prepare('SELECT activations FROM chunks WHERE number = ?').get(number)
    return this.#there<{ activations: Uint8Array }>(row, number).activations
  }

  ids(number: number): Uint8Array {
    const row = this.#db.prepare('SELECT ids FROM chunks WHERE number = ?').get(number)
    return this.#there<{ ids: Uint8Array }>(row, number).ids
  }

  /**
   * Reads a chunk and compares its checksum.
   * @returns its activations
   * @throws Problem bad-file when a chunk's bytes are not those that were written
   */
  verifyChunk(number: number): Uint8Array {
    const row = this.#db.prepare('SELECT checksum, ids, activations FROM chunks WHERE number = ?').get(number)
    const chunk = this.#there<StoredChunk & { checksum: number }>(row, number)
    if (checksumOf(chunk) !== chunk.checksum)
      throw damaged(this.file, `chunk ${number} is not what was written (its checksum differs)`)
    this.#verified.add(number)
    return chunk.activations
  }

  /** Counts and lengths against the header: what can be checked without reading the activations. */
  checkCounts(expectedTokens: number): void {
    const { dIn, dtype, tokensPerChunk } = this.header
    const found = this.#db
      .prepare(
        `SELECT count(*) AS chunks, total(tokens) AS tokens, coalesce(max(number), -1) AS last,
         total(length(activations)) AS bytes FROM chunks`,
      )
      .get() as { chunks: number; tokens: number; last: number; bytes: number }
    const chunks = Math.ceil(expectedTokens / tokensPerChunk)
    if (found.tokens !== expectedTokens || found.chunks !== chunks || found.last !== chunks - 1)
      throw damaged(
        this.file,
        `it has ${found.tokens} tokens in ${found.chunks} chunks, ${expectedTokens} in ${chunks} are expected`,
      )
    const bytes = expectedTokens * dIn * (dtype === 'f16' ? 2 : 4)
    if (found.bytes !== bytes)
      throw damaged(this.file, `its activations take ${found.bytes} bytes, ${bytes} are expected`)
  }

  /** Moves what is in SQLite's log into the file itself. */
  settle(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)')
  }

  close(): void {
    this.#db.close()
  }

  #there<T>(row: unknown, number: number): T {
    if (row === undefined) throw damaged(this.file, `chunk ${number} is missing`)
    return row as T
  }
}

const damaged = (file: string, what: string): Error =>
  problem('bad-file', file, what, 'Make the activation set again.')

function headerIn(db: Sqlite, file: string): CacheHeader | undefined {
  const row = db.prepare('SELECT data FROM header').get() as { data: string } | undefined
  if (!row) return undefined
  const header = CacheHeader.safeParse(JSON.parse(row.data))
  if (!header.success) throw damaged(file, 'its header is broken')
  return header.data
}

/** Opens the file of a set that is being made, from nothing or from what a stopped job left. */
export function openToAppend(file: string, header: CacheHeader): ActivationCache {
  const db = openDatabase(file, { pageSize: PAGE_SIZE })
  migrate(db, file, migrations)
  db.prepare('INSERT INTO header (only, data) VALUES (1, ?) ON CONFLICT DO NOTHING').run(
    JSON.stringify(header),
  )
  const found = headerIn(db, file)
  if (JSON.stringify(found) !== JSON.stringify(header)) {
    db.close()
    throw damaged(file, 'it was begun with other sizes')
  }
  return new ActivationCache(file, db, header)
}

/** Opens the file of a finished set. @throws Problem bad-file when it is none, or has no header. */
export function openToRead(file: string): ActivationCache {
  const db = openDatabase(file, { mustExist: true })
  try {
    migrate(db, file, migrations)
    const header = headerIn(db, file)
    if (!header) throw damaged(file, 'it has no header')
    return new ActivationCache(file, db, header)
  } catch (error) {
    db.close()
    throw error
  }
}
