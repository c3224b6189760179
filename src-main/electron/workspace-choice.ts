import { readdirSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron'
import { problem, ProblemError, problemOf, type Problem } from '#contract/problem.ts'
import { isWorkspace, isWorkspaceFile, readWorkspaceFile } from '../store/workspace-file.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import type { RecentWorkspaces } from './recent-workspaces.ts'

/**
 * The workspace folder that a path stands for: the folder itself, or the one of a .suture file.
 * @throws Problem when there is no workspace
 */
export function workspaceAt(path: string): string {
  if (isWorkspaceFile(path)) return readWorkspaceFile(resolve(path))
  const folder = basename(path) === 'workspace.db' ? dirname(path) : path
  if (!isWorkspace(folder))
    throw problem(
      'not-found',
      folder,
      'there is no workspace in this folder',
      'To begin one, choose “New workspace…” in the File menu.',
    )
  return resolve(folder)
}

/** A folder that may become a workspace: one already, or empty. @throws Problem */
function emptyOrWorkspace(folder: string): string {
  if (!isWorkspace(folder) && readdirSync(folder).some((name) => !name.startsWith('.')))
    throw problem(
      'conflict',
      folder,
      'this folder holds other files already',
      'Make an empty folder for the workspace.',
    )
  return folder
}

/** How a person comes to another workspace: by dialog, by file, from the list of the last ones. */
export class WorkspaceChoice {
  readonly #open: OpenWorkspace
  readonly #recent: RecentWorkspaces
  constructor(open: OpenWorkspace, recent: RecentWorkspaces) {
    this.#open = open
    this.#recent = recent
  }

  /** Opens a folder that is a workspace or becomes one. @throws Problem */
  openFolder(folder: string): Promise<void> {
    return this.#open.open(resolve(folder))
  }

  /** Asks for a workspace folder and opens it; null when that went well or nothing was chosen. */
  byDialog(window: BrowserWindow | null): Promise<Problem | null> {
    return this.#chosen(window, 'Open a workspace', 'Open', workspaceAt)
  }

  /** Asks for a folder that becomes a workspace and opens it. */
  newByDialog(window: BrowserWindow | null): Promise<Problem | null> {
    return this.#chosen(window, 'A folder for the new workspace', 'Begin here', emptyOrWorkspace)
  }

  /** Opens a workspace folder or a .suture file. */
  byPath(path: string): Promise<Problem | null> {
    return this.#attempt(() => this.openFolder(workspaceAt(path)))
  }

  /** Opens one of the recent ones; no other folder can be named. */
  recent(folder: string): Promise<Problem | null> {
    return this.#attempt(async () => {
      if (!this.#recent.list().some((one) => one.folder === folder))
        throw problem('not-found', folder, 'it is not among the last workspaces, or no longer there')
      await this.openFolder(folder)
    })
  }

  #chosen(
    window: BrowserWindow | null,
    title: string,
    buttonLabel: string,
    folderOf: (path: string) => string,
  ): Promise<Problem | null> {
    return this.#attempt(async () => {
      const options: OpenDialogOptions = {
        title,
        buttonLabel,
        properties: ['openDirectory', 'createDirectory'],
      }
      const folder = this.#open.folder
      if (folder) options.defaultPath = dirname(folder)
      const { canceled, filePaths } = await (window
        ? dialog.showOpenDialog(window, options)
        : dialog.showOpenDialog(options))
      if (canceled || filePaths.length === 0) return
      await this.openFolder(folderOf(filePaths[0]))
    })
  }

  async #attempt(act: () => Promise<void>): Promise<Problem | null> {
    try {
      await act()
      return null
    } catch (error) {
      return error instanceof ProblemError ? error.problem : problemOf(error)
    }
  }
}
