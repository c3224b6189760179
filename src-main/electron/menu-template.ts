import type { MenuItemConstructorOptions } from 'electron'
import type { RecentWorkspace } from '#contract/desktop.ts'

export interface MenuActs {
  /** A command of the window's palette, by its id. */
  command(id: string): void
  newWorkspace(): void
  openWorkspace(): void
  openRecent(folder: string): void
  clearRecent(): void
  showFolder(): void
  openSource(): void
}
type Item = MenuItemConstructorOptions
const line: Item = { type: 'separator' }

/** The native menus, for the recent workspaces (the first is the open one) and the platform. Pure. */
export function menuTemplate(
  platform: NodeJS.Platform,
  recent: readonly RecentWorkspace[],
  acts: MenuActs,
): Item[] {
  const isMac = platform === 'darwin'
  const command = (label: string, id: string, accelerator?: string): Item => ({
    id,
    label,
    ...(accelerator ? { accelerator } : {}),
    click: () => acts.command(id),
  })
  const settings = command('Settings…', 'go-settings', 'CmdOrCtrl+,')
  return [
    ...(isMac ? [macMenu(settings)] : []),
    { label: 'File', submenu: fileMenu(isMac, recent, acts, command, settings) },
    { role: 'editMenu' },
    { label: 'Go', submenu: goMenu(command) },
    { label: 'View', submenu: viewMenu(command) },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    { role: 'help', submenu: helpMenu(isMac, acts, command) },
  ]
}

type MakeCommand = (label: string, id: string, accelerator?: string) => Item

function macMenu(settings: Item): Item {
  return {
    role: 'appMenu',
    submenu: [
      { role: 'about' },
      line,
      settings,
      line,
      { role: 'services' },
      line,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      line,
      { role: 'quit' },
    ],
  }
}

function fileMenu(
  isMac: boolean,
  recent: readonly RecentWorkspace[],
  acts: MenuActs,
  command: MakeCommand,
  settings: Item,
): Item[] {
  const others = recent.map(({ folder, name }, at): Item => ({
    id: `recent-${at}`,
    label: `${name}  (${folder})`.replaceAll('&', '&&'),
    type: 'checkbox',
    checked: at === 0,
    click: () => acts.openRecent(folder),
  }))
  const clear: Item = { id: 'clear-recent', label: 'Clear list', click: acts.clearRecent }
  return [
    {
      id: 'new-workspace',
      label: 'New workspace…',
      accelerator: 'CmdOrCtrl+Shift+N',
      click: acts.newWorkspace,
    },
    { id: 'open-workspace', label: 'Open workspace…', accelerator: 'CmdOrCtrl+O', click: acts.openWorkspace },
    {
      id: 'open-recent',
      label: 'Open recent',
      enabled: others.length > 0,
      submenu: [...others, line, { ...clear, enabled: others.length > 1 }],
    },
    { id: 'show-folder', label: 'Show workspace folder', click: acts.showFolder },
    line,
    command('Add model…', 'add-model'),
    command('Add corpus…', 'add-corpus'),
    command('Import SAE…', 'import-sae'),
    line,
    ...(isMac ? [{ role: 'close' } as const] : [settings, line, { role: 'quit' } as const]),
  ]
}

function goMenu(command: MakeCommand): Item[] {
  return [
    command('Anywhere…', 'palette', 'CmdOrCtrl+K'),
    line,
    ...['Home', 'Harvest', 'Train', 'Features', 'Compare', 'Stitch'].map((room) =>
      command(room, `go-${room.toLowerCase()}`),
    ),
    line,
    command('Back', 'back', 'Alt+Left'),
    command('Forward', 'forward', 'Alt+Right'),
  ]
}

function viewMenu(command: MakeCommand): Item[] {
  return [
    command('Switch between light and dark', 'theme'),
    line,
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    line,
    { role: 'togglefullscreen' },
    line,
    { role: 'reload' },
    { role: 'toggleDevTools' },
  ]
}

function helpMenu(isMac: boolean, acts: MenuActs, command: MakeCommand): Item[] {
  return [
    command('Words and keys', 'go-help'),
    command('Prepare the Demo workspace', 'demo'),
    command('Guided path', 'guide'),
    line,
    {
      id: 'source',
      label: 'Stitching SAEs of different sizes (the source, in the browser)',
      click: acts.openSource,
    },
    ...(isMac ? [] : [line, { role: 'about' } as const]),
  ]
}
