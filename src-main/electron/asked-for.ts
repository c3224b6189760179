import { resolve } from 'node:path'
import { isWorkspaceFile } from '../store/workspace-file.ts'

/** The workspace that a command line asks for: a .suture file (a double click), or a folder by --workspace FOLDER. */
export type AskedFor = { file: string } | { folder: string } | null

/** @param cwd what relative paths are relative to. Chromium's own switches may stand anywhere on the line. */
export function askedFor(argv: readonly string[], cwd: string): AskedFor {
  const at = argv.findIndex((word) => /^--workspace(=|$)/.test(word))
  const folder = at < 0 ? undefined : argv[at].slice('--workspace='.length) || argv[at + 1]
  if (folder) return { folder: resolve(cwd, folder) }
  const file = argv.slice(1).find((word) => !word.startsWith('-') && isWorkspaceFile(word))
  return file ? { file: resolve(cwd, file) } : null
}
