import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { dialog, ipcMain, Notification, shell } from 'electron'
import { z } from 'zod'
import type { HubToken } from './hub-token.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import type { RecentWorkspaces } from './recent-workspaces.ts'
import { handle, isOurPage } from './sender.ts'
import type { WorkspaceChoice } from './workspace-choice.ts'

const Extensions = z.array(z.string().regex(/^[a-z0-9.]{1,16}$/)).max(16)
const Note = z.object({ title: z.string().max(200), body: z.string().max(1000) })
const Path = z.string().max(4096).refine(isAbsolute)
const Token = z.string().max(4096)

/** Held while they are on screen: one that is collected as garbage hears no click. */
const shown = new Set<Notification>()

export interface Behind {
  workspace: OpenWorkspace
  choice: WorkspaceChoice
  recent: RecentWorkspaces
  hubToken: HubToken
}

/** What the window may ask of the main process: ports to the engine, native dialogs, notifications, workspaces. */
export function answerBridge({ workspace, choice, recent, hubToken }: Behind): void {
  ipcMain.on('suture:port', (event) => {
    if (isOurPage(event)) for (const port of event.ports) workspace.attach(port)
  })
  handle('pick-folder', async (_none, window) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, { properties: ['openDirectory'] })
    return canceled ? null : filePaths[0]
  })
  handle('pick-files', async (argument, window) => {
    const extensions = Extensions.parse(argument)
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      properties: ['openFile', 'multiSelections'],
      filters: extensions.length ? [{ name: 'Files', extensions }] : [],
    })
    return canceled ? [] : filePaths
  })
  handle('reveal', (argument) => {
    const path = Path.parse(argument)
    if (existsSync(path)) shell.showItemInFolder(path)
  })
  handle('notify', (argument, window) => {
    if (!Notification.isSupported()) return
    const note = new Notification(Note.parse(argument))
    shown.add(note)
    note.on('close', () => shown.delete(note))
    note.on('click', () => {
      window.show()
      window.focus()
    })
    note.show()
  })
  handle('open-workspace', (_none, window) => choice.byDialog(window))
  handle('new-workspace', (_none, window) => choice.newByDialog(window))
  handle('open-workspace-file', (argument) => choice.byPath(Path.parse(argument)))
  handle('open-recent-workspace', (argument) => choice.recent(Path.parse(argument)))
  handle('recent-workspaces', () => recent.list())
  handle('hub-token-has', () => hubToken.state())
  handle('hub-token-set', (argument) => hubToken.set(Token.parse(argument)))
  handle('hub-token-clear', () => hubToken.clear())
}
