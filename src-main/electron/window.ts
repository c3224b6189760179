import { join } from 'node:path'
import { app, BrowserWindow, shell } from 'electron'
import { readWindowState, writeWindowState } from './window-state.ts'

export const APP_ORIGIN = 'app://suture'
const PRELOAD = join(import.meta.dirname, '../preload/index.cjs')

/** The one window: sandboxed, isolated, never leaving our own pages. */
export function openWindow(): BrowserWindow {
  const stateFile = join(app.getPath('userData'), 'window.json')
  const window = new BrowserWindow({
    ...readWindowState(stateFile),
    minWidth: 960,
    minHeight: 640,
    show: false,
    title: 'Suture',
    webPreferences: { preload: PRELOAD, sandbox: true, contextIsolation: true, nodeIntegration: false },
  })
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    const { x, y, width, height } = window.getBounds()
    writeWindowState(stateFile, { x, y, width, height })
  })
  window.webContents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url)
    return { action: 'deny' }
  })
  window.webContents.on('will-navigate', (event, url) => {
    if (!url.startsWith(`${APP_ORIGIN}/`)) event.preventDefault()
  })
  void window.loadURL(process.env['ELECTRON_RENDERER_URL'] ?? `${APP_ORIGIN}/index.html`)
  return window
}
