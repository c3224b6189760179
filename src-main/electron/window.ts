import { join } from 'node:path'
import { app, BrowserWindow, dialog, screen } from 'electron'
import { APP_ORIGIN, devAddress } from './sender.ts'
import { fitted, readWindowState, writeWindowState } from './window-state.ts'

const PRELOAD = join(import.meta.dirname, '../preload/index.cjs')
const SMALLEST = { width: 960, height: 640 }

function displays(): Electron.Rectangle[] {
  const primary = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id)
  return [primary, ...others].map(({ workArea }) => workArea)
}

/** The one window: sandboxed, isolated, never leaving our own pages (security.ts). */
export function openWindow(): BrowserWindow {
  const stateFile = join(app.getPath('userData'), 'window.json')
  const { maximised, ...place } = fitted(readWindowState(stateFile), displays())
  const window = new BrowserWindow({
    ...place,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    show: false,
    title: 'Suture',
    webPreferences: {
      preload: PRELOAD,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    },
  })
  if (maximised) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () =>
    writeWindowState(stateFile, { ...window.getNormalBounds(), maximised: window.isMaximized() }),
  )
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit' && reason !== 'killed') void offerReload(window, reason)
  })
  void window.loadURL(devAddress() ?? `${APP_ORIGIN}/index.html`)
  return window
}

/** The page died; the engine and its jobs did not. */
async function offerReload(window: BrowserWindow, reason: string): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The window has stopped working.',
    detail: `Its process ended (${reason}). Nothing is lost: the engine and its jobs go on.`,
    buttons: ['Load it again', 'Quit'],
  })
  if (response === 0) window.webContents.reload()
  else app.quit()
}
