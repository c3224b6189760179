import { readdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { problem } from '#contract/problem.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import type { FolderListing, ListedThing, workspace as contract } from '#contract/workspace.ts'
import { version } from '../places.ts'
import { bytesOf, dependentsOf, filesOf, findThing, removeThing } from '../store/removal.ts'
import { detailOf } from '../store/thing-detail.ts'
import { freeBytes } from '../store/workspace.ts'
import type { EngineContext } from './context.ts'

const bytesIn = (path: string): number => {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}

function browse(path: string): FolderListing {
  const folder = resolve(path)
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.'))
      .map((entry) => {
        const link = entry.isSymbolicLink()
          ? statSync(join(folder, entry.name), { throwIfNoEntry: false })
          : undefined
        const isFolder = link ? link.isDirectory() : entry.isDirectory()
        return { name: entry.name, folder: isFolder, bytes: isFolder ? 0 : bytesIn(join(folder, entry.name)) }
      })
      .sort((a, b) => Number(b.folder) - Number(a.folder) || a.name.localeCompare(b.name))
    return { path: folder, parent: dirname(folder) === folder ? null : dirname(folder), entries }
  } catch {
    throw problem('not-found', folder, 'this folder cannot be listed', 'Check the path and its permissions.')
  }
}

export function workspaceHandlers({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> {
  const all = (): ListedThing[] =>
    workspace.db
      .prepare('SELECT id, kind, name, created_at AS createdAt FROM things ORDER BY created_at, id')
      .all() as ListedThing[]

  function remove(id: string, cascade: boolean): string[] {
    const thing = findThing(workspace, id)
    const dependents = dependentsOf(workspace, id)
    if (dependents.length > 0 && !cascade)
      throw problem(
        'conflict',
        thing.name,
        `${dependents.map((d) => `the ${d.kind} "${d.name}"`).join(', ')} would go with it`,
        'Delete with --cascade, or delete those first.',
      )
    const going = [...dependents, thing]
    const used = jobs.inUse()
    const busy = going.find((t) => used.has(t.id))
    if (busy) throw problem('conflict', busy.name, 'a job is using it', 'Wait for the job, or cancel it.')
    for (const t of going) removeThing(workspace, t)
    return going.map((t) => t.id)
  }

  return {
    info: () => ({
      folder: workspace.folder,
      version,
      diskBytes: bytesOf(workspace.folder),
      freeBytes: freeBytes(workspace.folder),
    }),
    things: all,
    thing: ({ id }) => detailOf(workspace, id),
    disk: () =>
      Object.fromEntries(
        all().map((thing) => [
          thing.id,
          filesOf(workspace, thing).reduce((sum, file) => sum + bytesOf(file), 0),
        ]),
      ),
    browse: ({ path }) => browse(path ?? homedir()),
    rename: ({ id, name }) => {
      findThing(workspace, id)
      workspace.db.prepare('UPDATE things SET name = ? WHERE id = ?').run(name.trim(), id)
      return null
    },
    dependents: ({ id }) => (findThing(workspace, id), dependentsOf(workspace, id)),
    remove: ({ id, cascade }) => ({ removed: remove(id, cascade) }),
  }
}
