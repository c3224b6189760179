import { app, Menu, shell, type BrowserWindow } from 'electron'
import { join } from 'node:path'
import type { Problem } from '#contract/problem.ts'
import { resourcesFolder, version } from '../places.ts'
import { menuTemplate } from './menu-template.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import type { RecentWorkspaces } from './recent-workspaces.ts'
import type { WorkspaceChoice } from './workspace-choice.ts'

const SOURCE = 'https://www.lesswrong.com/posts/baJyjpktzmcmRfosq'

export interface MenuParts {
  window(): BrowserWindow | null
  workspace: OpenWorkspace
  choice: WorkspaceChoice
  recent: RecentWorkspaces
  /** Shows why a workspace was not opened. */
  refused(why: Problem): void
}

/** Native menus. What belongs to the app is sent to the window as a command of its palette. */
export function setMenu(parts: MenuParts): void {
  const { window, workspace, choice, recent, refused } = parts
  const tell = async (opening: Promise<Problem | null>): Promise<void> => {
    const why = await opening
    setMenu(parts) // a click has changed its check mark, opened or not
    if (why) refused(why)
  }
  const template = menuTemplate(process.platform, recent.list(), {
    command: (id) => window()?.webContents.send('suture:menu', id),
    newWorkspace: () => void tell(choice.newByDialog(window())),
    openWorkspace: () => void tell(choice.byDialog(window())),
    openRecent: (folder) => void tell(choice.recent(folder)),
    clearRecent: () => {
      recent.clear(workspace.folder)
      app.clearRecentDocuments()
      setMenu(parts)
    },
    showFolder: () => void (workspace.folder !== null && shell.openPath(workspace.folder)),
    openSource: () => void shell.openExternal(SOURCE),
  })
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}

/** What “About Suture” says. */
export function setAbout(): void {
  app.setAboutPanelOptions({
    applicationName: 'Suture',
    applicationVersion: version,
    copyright: 'The Suture authors, MIT licence',
    credits: 'Explore, label, compare and stitch the features of sparse autoencoders',
    iconPath: join(resourcesFolder, 'icons/icon.png'),
  })
}
