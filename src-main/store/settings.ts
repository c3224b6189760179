import type { z } from 'zod'
import type { Sqlite } from './database.ts'

/** One value kept by the workspace itself, checked by its schema on the way out. */
export class Setting<T> {
  readonly #db: Sqlite
  readonly #key: string
  readonly #schema: z.ZodType<T, unknown>
  constructor(db: Sqlite, key: string, schema: z.ZodType<T, unknown>) {
    this.#db = db
    this.#key = key
    this.#schema = schema
  }

  /** undefined where it was never set. */
  get(): T | undefined {
    const text = this.#db.prepare('SELECT value FROM settings WHERE key = ?').pluck().get(this.#key)
    return text === undefined ? undefined : this.#schema.parse(JSON.parse(text as string))
  }

  set(value: T): T {
    this.#db
      .prepare(
        'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      )
      .run(this.#key, JSON.stringify(value))
    return value
  }

  clear(): void {
    this.#db.prepare('DELETE FROM settings WHERE key = ?').run(this.#key)
  }
}
