import { problem } from '#contract/problem.ts'
import { HybridMetrics, type HistoryPoint, type NamedVersion } from '#contract/stitch.ts'
import type { Sqlite } from '../store/database.ts'
import { togglesFromBlob, togglesToBlob } from './stitch-file.ts'

interface PointRow {
  point: number
  parent: number | null
  title: string
  metrics: string
  at: string
}

/**
 * The history of a hybrid as a tree of points: each is its parent with some candidates toggled; point 0 is the base as it
 * is. Undo goes to the parent, redo to the child last come from, a new edit after an undo begins a branch. Nothing is
 * ever lost, and every step is durable when the call returns.
 */
export class History {
  readonly #db: Sqlite
  constructor(db: Sqlite) {
    this.#db = db
  }

  /** Puts the first point where there is none yet. */
  begin(base: HybridMetrics): void {
    this.#db
      .transaction(() => {
        this.#db
          .prepare(
            `INSERT OR IGNORE INTO points (point, parent, title, toggles, metrics, at)
         VALUES (0, NULL, 'the base as it is', x'', ?, ?)`,
          )
          .run(JSON.stringify(base), new Date().toISOString())
        this.#db.prepare('INSERT OR IGNORE INTO head VALUES (1, 0)').run()
      })
      .immediate()
  }

  get head(): number {
    return this.#db.prepare('SELECT point FROM head').pluck().get() as number
  }

  points(): HistoryPoint[] {
    const rows = this.#db.prepare('SELECT point, parent, title, metrics, at FROM points ORDER BY point').all()
    return (rows as PointRow[]).map((row) => ({
      ...row,
      metrics: HybridMetrics.parse(JSON.parse(row.metrics)),
    }))
  }

  /** As measured when the point was made. @throws Problem when there is no such point. */
  metrics(point: number): HybridMetrics {
    const text = this.#db.prepare('SELECT metrics FROM points WHERE point = ?').pluck().get(point)
    if (text === undefined)
      throw problem('not-found', `point ${point}`, 'the history of this stitch has no such point')
    return HybridMetrics.parse(JSON.parse(text as string))
  }

  versions(): NamedVersion[] {
    return this.#db.prepare('SELECT name, point FROM versions ORDER BY point, name').all() as NamedVersion[]
  }

  /** Gives the present point a name; a name that exists moves here. */
  nameVersion(name: string): void {
    this.#db.prepare('INSERT OR REPLACE INTO versions VALUES (?, ?)').run(name, this.head)
  }

  /** Adds a point after the present one and goes there. */
  append(title: string, toggles: Int32Array, metrics: HybridMetrics): number {
    return this.#db
      .transaction(() => {
        const parent = this.head
        const { lastInsertRowid } = this.#db
          .prepare('INSERT INTO points (parent, title, toggles, metrics, at) VALUES (?, ?, ?, ?, ?)')
          .run(parent, title, togglesToBlob(toggles), JSON.stringify(metrics), new Date().toISOString())
        this.#goFrom(parent, Number(lastInsertRowid))
        return Number(lastInsertRowid)
      })
      .immediate()
  }

  /** Where an undo goes; null at the beginning. */
  get undoPoint(): number | null {
    return this.#parent(this.head)
  }

  /** Where a redo goes; null where nothing was taken back. */
  get redoPoint(): number | null {
    return this.#db.prepare('SELECT redo FROM points WHERE point = ?').pluck().get(this.head) as number | null
  }

  goTo(point: number): void {
    this.#db.transaction(() => this.#goFrom(this.head, point)).immediate()
  }

  #goFrom(from: number, to: number): void {
    this.#db.prepare('UPDATE head SET point = ?').run(to)
    // So that redo leads back to where one was, whichever branch that is.
    const remember = this.#db.prepare('UPDATE points SET redo = ? WHERE point = ?')
    if (this.#parent(from) === to) remember.run(from, to)
    else if (this.#parent(to) === from) remember.run(to, from)
    else
      for (const leaf of [from, to])
        for (const [child, parent] of this.#ancestry(leaf)) remember.run(child, parent)
  }

  /** Each point with its parent, up to the first. */
  *#ancestry(leaf: number): Generator<[child: number, parent: number]> {
    for (let child = leaf; ;) {
      const parent = this.#parent(child)
      if (parent === null) return
      yield [child, parent]
      child = parent
    }
  }

  #parent(point: number): number | null {
    const row = this.#db.prepare('SELECT parent FROM points WHERE point = ?').get(point) as
      { parent: number | null } | undefined
    if (!row) throw problem('not-found', `point ${point}`, 'the history of this stitch has no such point')
    return row.parent
  }

  /** The candidates that differ between two points, ascending. */
  togglesBetween(from: number, to: number): Int32Array {
    const toggles = this.#db.prepare('SELECT toggles FROM points WHERE point = ?').pluck()
    const differ = new Set<number>()
    // A parent has a smaller number than its children: the larger goes up until both are at their common ancestor.
    for (let [x, y] = [from, to]; x !== y;) {
      const lower = Math.max(x, y)
      for (const k of togglesFromBlob(toggles.get(lower) as Uint8Array)) if (!differ.delete(k)) differ.add(k)
      const parent = this.#parent(lower) ?? 0
      ;[x, y] = x > y ? [parent, y] : [x, parent]
    }
    return Int32Array.from(differ).sort()
  }

  /** [candidates] 1 where the hybrid of a point has the feature. */
  membership(point: number, baseCount: number, candidates: number): Uint8Array {
    const inHybrid = new Uint8Array(candidates).fill(1, 0, baseCount)
    for (const k of this.togglesBetween(0, point)) inHybrid[k] ^= 1
    return inHybrid
  }
}
