import { app, Menu, shell, type BrowserWindow, type MenuItemConstructorOptions } from 'electron'

const HELP = 'https://www.lesswrong.com/posts/baJyjpktzmcmRfosq'

/** Native menus. What belongs to the app is sent to the window as a command of its palette. */
export function setMenu(window: () => BrowserWindow | null): void {
  const command = (label: string, name: string, accelerator?: string): MenuItemConstructorOptions => ({
    id: name,
    label,
    ...(accelerator ? { accelerator } : {}),
    click: () => window()?.webContents.send('suture:menu', name),
  })
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        command('Add model…', 'add-model'),
        command('Add corpus…', 'add-corpus'),
        command('Import SAE…', 'import-sae'),
        { type: 'separator' },
        process.platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'Go',
      submenu: [
        command('Anywhere…', 'palette', 'CmdOrCtrl+K'),
        { type: 'separator' },
        command('Home', 'go-home'),
        command('Harvest', 'go-harvest'),
        command('Train', 'go-train'),
        command('Features', 'go-features'),
        command('Compare', 'go-compare'),
        command('Stitch', 'go-stitch'),
        { type: 'separator' },
        command('Back', 'back', 'Alt+Left'),
        command('Forward', 'forward', 'Alt+Right'),
      ],
    },
    { role: 'viewMenu' },
    {
      label: 'Help',
      submenu: [
        command('Glossary', 'go-help'),
        command('Prepare the Demo workspace', 'demo'),
        command('Guided path', 'guide'),
        { label: 'Stitching SAEs of different sizes (source)', click: () => void shell.openExternal(HELP) },
        { label: `Suture ${app.getVersion()}`, enabled: false },
      ],
    },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
