import { existsSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { problem } from '#contract/problem.ts'
import type { ThingKind, ThingSummary } from '#contract/workspace.ts'
import type { Workspace } from './workspace.ts'

/** Kinds that are nothing without what they were made from, and so go with it. A report holds all its numbers: it stays. */
const DEPENDENT: readonly ThingKind[] = ['index', 'comparison', 'stitch']

export function findThing(workspace: Workspace, id: string): ThingSummary {
  const row = workspace.db.prepare('SELECT id, kind, name FROM things WHERE id = ?').get(id) as
    ThingSummary | undefined
  if (!row)
    throw problem(
      'not-found',
      id,
      'this workspace has nothing of that id',
      '"suture list" shows what it has.',
    )
  return row
}

/** Indexes, comparisons and stitches that name the thing, and those that name them in turn. */
export function dependentsOf(workspace: Workspace, id: string): ThingSummary[] {
  const marks = DEPENDENT.map(() => '?').join(', ')
  const direct = workspace.db
    .prepare(`SELECT id, kind, name FROM things WHERE kind IN (${marks}) AND id <> ? AND instr(data, ?) > 0`)
    .all(...DEPENDENT, id, `"${id}"`) as ThingSummary[]
  const all = new Map(direct.map((thing) => [thing.id, thing]))
  for (const thing of direct)
    for (const further of dependentsOf(workspace, thing.id)) all.set(further.id, further)
  return [...all.values()]
}

/** The files and folders that hold a thing's data; not every one need exist. */
export function filesOf(workspace: Workspace, { id, kind }: ThingSummary): string[] {
  const sqlite = (file: string): string[] => [file, `${file}-wal`, `${file}-shm`]
  switch (kind) {
    case 'activations':
      return sqlite(workspace.activationFile(id))
    case 'index':
      return [...sqlite(workspace.codesFile(id)), `${workspace.codesFile(id)}-gathered`]
    case 'sae':
      return [workspace.saeFolder(id)]
    case 'stitch':
      return [workspace.stitchFolder(id)]
    default:
      return [kind].flatMap((k) => [
        join(workspace.folder, `${k}s`, id),
        join(workspace.folder, `${k}s`, `${id}.db`),
      ])
  }
}

/** Removes the row first, then the files: a crash in between leaves a file nobody names, never a thing without its data. */
export function removeThing(workspace: Workspace, thing: ThingSummary): void {
  workspace.db
    .transaction(() => {
      workspace.db.prepare('DELETE FROM things WHERE id = ?').run(thing.id)
      if (thing.kind === 'sae')
        for (const table of ['labels', 'label_history', 'run_points'])
          workspace.db.prepare(`DELETE FROM ${table} WHERE sae_id = ?`).run(thing.id)
    })
    .immediate()
  for (const file of filesOf(workspace, thing)) rmSync(file, { recursive: true, force: true })
}

/** Bytes of a file, or of everything below a folder; links are not followed. */
export function bytesOf(path: string): number {
  if (!existsSync(path)) return 0
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.isFile() ? statSync(path).size : 0
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0)
}
