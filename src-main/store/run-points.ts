import { CurvePoint } from '#contract/training.ts'
import type { Sqlite } from './database.ts'

export interface RunPointRow {
  saeId: string
  point: CurvePoint
}

/** The training curves: one row per SAE and step, written as they come. */
export class RunPoints {
  readonly #db: Sqlite
  constructor(db: Sqlite) {
    this.#db = db
  }

  /** Writes several points in one transaction; a point of the same SAE and step is replaced. */
  add(rows: readonly RunPointRow[]): void {
    const insert = this.#db.prepare('INSERT OR REPLACE INTO run_points (sae_id, step, data) VALUES (?, ?, ?)')
    this.#db
      .transaction(() => {
        for (const { saeId, point } of rows) insert.run(saeId, point.step, JSON.stringify(point))
      })
      .immediate()
  }

  /** Points of one SAE with a step above `afterStep`, in order, at most `limit`. */
  after(saeId: string, afterStep: number, limit = 10_000): CurvePoint[] {
    const rows = this.#db
      .prepare('SELECT data FROM run_points WHERE sae_id = ? AND step > ? ORDER BY step LIMIT ?')
      .all(saeId, afterStep, limit) as { data: string }[]
    return rows.map(({ data }) => CurvePoint.parse(JSON.parse(data)))
  }

  last(saeId: string): CurvePoint | null {
    const row = this.#db
      .prepare('SELECT data FROM run_points WHERE sae_id = ? ORDER BY step DESC LIMIT 1')
      .get(saeId) as { data: string } | undefined
    return row ? CurvePoint.parse(JSON.parse(row.data)) : null
  }

  /** Forgets the points above a step: a resumed run makes them again from its checkpoint. −1 forgets all. */
  removeAfter(saeId: string, step: number): void {
    this.#db.prepare('DELETE FROM run_points WHERE sae_id = ? AND step > ?').run(saeId, step)
  }
}
