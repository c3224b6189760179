import { existsSync } from 'node:fs'
import { Provenance } from '#contract/thing.ts'
import type { ListedThing, ThingDetail, ThingSummary } from '#contract/workspace.ts'
import { filesOf, findThing } from './removal.ts'
import type { Workspace } from './workspace.ts'

/** A thing with what it was made from, what was made from it, and where it lies. @throws Problem not-found */
export function detailOf(workspace: Workspace, id: string): ThingDetail {
  findThing(workspace, id)
  const { data, ...listed } = workspace.db
    .prepare(
      `SELECT id, kind, name, created_at AS createdAt, json_extract(data, '$.provenance') AS data
       FROM things WHERE id = ?`,
    )
    .get(id) as ListedThing & { data: string }
  const provenance = Provenance.parse(JSON.parse(data))
  const summary = workspace.db.prepare('SELECT id, kind, name FROM things WHERE id = ?')
  return {
    ...listed,
    provenance,
    madeFrom: provenance.from.flatMap((one) => (summary.get(one) as ThingSummary | undefined) ?? []),
    usedBy: usedBy(workspace, id),
    files: filesOf(workspace, listed).filter((file) => existsSync(file)),
  }
}

/** Things whose provenance names this one; of a run, its SAEs. Oldest first. */
const usedBy = ({ db }: Workspace, id: string): ThingSummary[] =>
  db
    .prepare(
      `SELECT id, kind, name FROM things
       WHERE json_extract(data, '$.runId') = :id
          OR EXISTS (SELECT 1 FROM json_each(data, '$.provenance.from') WHERE value = :id)
       ORDER BY created_at, id`,
    )
    .all({ id }) as ThingSummary[]
