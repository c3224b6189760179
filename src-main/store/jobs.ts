import { Job, type JobKind, type JobState, type Progress } from '#contract/job.ts'
import type { JobId } from '#contract/ids.ts'
import { problem, type Problem } from '#contract/problem.ts'
import type { Sqlite } from './database.ts'
import { newId } from './things.ts'

interface Row {
  id: string
  kind: string
  title: string
  state: string
  makes: string | null
  params: string
  progress: string | null
  result: string | null
  problem: string | null
  created_at: string
  started_at: string | null
  ended_at: string | null
}
const json = (text: string | null): unknown => (text === null ? null : JSON.parse(text))
const read = (row: Row): Job =>
  Job.parse({
    id: row.id,
    kind: row.kind,
    title: row.title,
    state: row.state,
    makes: row.makes,
    params: json(row.params),
    progress: json(row.progress),
    result: json(row.result),
    problem: json(row.problem),
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  })

export interface NewJob {
  kind: JobKind
  title: string
  makes: string | null
  params: Record<string, unknown>
}
const OVER: readonly JobState[] = ['done', 'failed', 'cancelled']
export const isOver = (state: JobState): boolean => OVER.includes(state)

/** The job table. `owner` is the process that runs a job; a running job whose owner is gone was interrupted. */
export class JobTable {
  readonly #db: Sqlite
  constructor(db: Sqlite) {
    this.#db = db
  }

  list(): Job[] {
    return (this.#db.prepare('SELECT * FROM jobs ORDER BY created_at, rowid').all() as Row[]).map(read)
  }

  get(id: string): Job {
    const row = this.#db.prepare('SELECT * FROM jobs WHERE id = ?').get(id) as Row | undefined
    if (!row)
      throw problem('not-found', id, 'this workspace has no job of that id', '"suture jobs list" shows them.')
    return read(row)
  }

  add(job: NewJob): Job {
    const id = newId('j')
    this.#db
      .prepare(
        'INSERT INTO jobs (id, kind, title, state, makes, params, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(id, job.kind, job.title, 'queued', job.makes, JSON.stringify(job.params), new Date().toISOString())
    return this.get(id)
  }

  /** Takes a job for a process. False when another living process has it. */
  start(id: JobId, owner: number): boolean {
    return this.#db
      .transaction(() => {
        const row = this.#db.prepare('SELECT state, owner FROM jobs WHERE id = ?').get(id) as
          { state: JobState; owner: number | null } | undefined
        if (!row || row.state === 'running') return false
        this.#db
          .prepare(
            `UPDATE jobs SET state = 'running', owner = ?, problem = NULL, ended_at = NULL,
             started_at = COALESCE(started_at, ?) WHERE id = ?`,
          )
          .run(owner, new Date().toISOString(), id)
        return true
      })
      .immediate()
  }

  progress(id: JobId, progress: Progress): void {
    this.#db.prepare('UPDATE jobs SET progress = ? WHERE id = ?').run(JSON.stringify(progress), id)
  }

  end(
    id: JobId,
    state: JobState,
    outcome: { result?: Record<string, unknown>; problem?: Problem } = {},
  ): void {
    this.#db
      .prepare('UPDATE jobs SET state = ?, owner = NULL, result = ?, problem = ?, ended_at = ? WHERE id = ?')
      .run(
        state,
        outcome.result ? JSON.stringify(outcome.result) : null,
        outcome.problem ? JSON.stringify(outcome.problem) : null,
        isOver(state) ? new Date().toISOString() : null,
        id,
      )
  }

  queue(id: JobId): void {
    this.#db.prepare("UPDATE jobs SET state = 'queued', problem = NULL, ended_at = NULL WHERE id = ?").run(id)
  }

  forget(id: JobId): void {
    this.#db.prepare('DELETE FROM jobs WHERE id = ?').run(id)
  }

  /** Marks running jobs of dead processes as interrupted and returns them. */
  interrupted(isAlive: (pid: number) => boolean): Job[] {
    const rows = this.#db.prepare("SELECT id, owner FROM jobs WHERE state = 'running'").all() as {
      id: JobId
      owner: number | null
    }[]
    const dead = rows.filter((row) => row.owner === null || !isAlive(row.owner))
    for (const { id } of dead) this.end(id, 'interrupted')
    return dead.map(({ id }) => this.get(id))
  }
}
