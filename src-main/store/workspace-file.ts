import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path'
import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { writeAtomically } from './atomic.ts'

// NAME.suture: a small JSON file in a workspace folder, so that the workspace can be opened by a double click. It says
// where the folder is as seen from itself, so that it stays true when the folder is moved or copied.

export const WORKSPACE_EXTENSION = '.suture'
const MAX_BYTES = 64 << 10

/** Relative, so that a file from elsewhere cannot make this machine reach for a network share. */
const RelativePath = z
  .string()
  .min(1)
  .max(1024)
  .refine((path) => !isAbsolute(path) && !/^([a-z]:|[\\/])|[\0]/i.test(path))
const WorkspaceFile = z.object({ suture: z.literal('workspace'), version: z.int(), workspace: RelativePath })
const VERSION = 1

export const isWorkspaceFile = (path: string): boolean => extname(path).toLowerCase() === WORKSPACE_EXTENSION

/** Whether a folder holds a workspace. */
export const isWorkspace = (folder: string): boolean => existsSync(join(folder, 'workspace.db'))

/** Puts a .suture file into a workspace folder that has none; returns its path. */
export function writeWorkspaceFile(folder: string): string {
  const there = readdirSync(folder).find(isWorkspaceFile)
  if (there) return join(folder, there)
  const file = join(folder, `${basename(folder) || 'workspace'}${WORKSPACE_EXTENSION}`)
  const content: z.infer<typeof WorkspaceFile> = { suture: 'workspace', version: VERSION, workspace: '.' }
  writeAtomically(file, (put) => put(new TextEncoder().encode(`${JSON.stringify(content, null, 2)}\n`)))
  return file
}

function contentOf(file: string): z.infer<typeof WorkspaceFile> {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile()) throw problem('not-found', file, 'there is no such file', 'Open the folder instead.')
  try {
    if (stat.size > MAX_BYTES) throw new Error('too large')
    return WorkspaceFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw problem(
      'bad-file',
      file,
      'it is not a workspace file: JSON with "suture": "workspace", a "version" and a relative path "workspace"',
      'Open the workspace folder instead: a new file is put into it.',
    )
  }
}

/**
 * The workspace folder that a .suture file stands for.
 * @throws Problem not-found, bad-file (not such a file, or nothing where it points to), unsupported (a later version)
 */
export function readWorkspaceFile(file: string): string {
  const { version, workspace } = contentOf(file)
  if (version > VERSION)
    throw problem(
      'unsupported',
      file,
      `it was written by a later version of Suture (file version ${version}, ${VERSION} is known)`,
      'Install the newer Suture.',
    )
  const folder = resolve(dirname(file), workspace)
  if (!isWorkspace(folder))
    throw problem(
      'bad-file',
      file,
      `it points to ${folder}, where there is no workspace`,
      'Open the workspace folder itself; this file belongs inside it.',
    )
  return folder
}
