import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import type { ThingKind } from '#contract/workspace.ts'
import type { Sqlite } from './database.ts'

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789'
/** A new id such as `m-k3v9x2ab`: 32^8 values, no look-alike letters, safe as a file name and to say aloud. */
export const newId = (prefix: string): string =>
  `${prefix}-${Array.from({ length: 8 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`

interface Named {
  id: string
  name: string
  createdAt: string
}

interface Row {
  id: string
  name: string
  created_at: string
  data: string
}

/** One kind of thing: typed rows, checked by the contract's schema on the way in and out. */
export class Things<T extends Named> {
  readonly kind: ThingKind
  readonly #db: Sqlite
  readonly #schema: z.ZodType<T>
  readonly #prefix: string
  constructor(db: Sqlite, kind: ThingKind, prefix: string, schema: z.ZodType<T, unknown>) {
    this.#db = db
    this.kind = kind
    this.#prefix = prefix
    this.#schema = schema
  }

  newId(): T['id'] {
    return newId(this.#prefix)
  }

  #read(row: Row): T {
    return this.#schema.parse({
      ...(JSON.parse(row.data) as object),
      id: row.id,
      name: row.name,
      createdAt: row.created_at,
    })
  }

  list(): T[] {
    const rows = this.#db
      .prepare('SELECT * FROM things WHERE kind = ? ORDER BY created_at, id')
      .all(this.kind)
    return (rows as Row[]).map((row) => this.#read(row))
  }

  find(id: string): T | undefined {
    const row = this.#db.prepare('SELECT * FROM things WHERE kind = ? AND id = ?').get(this.kind, id)
    return row === undefined ? undefined : this.#read(row as Row)
  }

  /** @throws Problem not-found, naming the id. */
  get(id: T['id']): T {
    const found = this.find(id)
    if (!found)
      throw problem(
        'not-found',
        id,
        `this workspace has no ${this.kind} of that id`,
        '"suture list" shows what it has.',
      )
    return found
  }

  /** Inserts or replaces. */
  put(thing: T): T {
    const { id, name, createdAt, ...data } = this.#schema.parse(thing)
    this.#db
      .prepare(
        `INSERT INTO things (id, kind, name, created_at, data) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, data = excluded.data`,
      )
      .run(id, this.kind, name, createdAt, JSON.stringify(data))
    return { id, name, createdAt, ...data } as unknown as T
  }

  /** Changes some fields of a thing that exists. */
  update(id: T['id'], change: Partial<T>): T {
    return this.#db.transaction(() => this.put({ ...this.get(id), ...change })).immediate()
  }

  remove(id: string): void {
    this.#db.prepare('DELETE FROM things WHERE kind = ? AND id = ?').run(this.kind, id)
  }
}
