// The desktop app: one window over one engine process. Nothing is computed here.
import { app, BrowserWindow } from 'electron'
import { answerBridge } from './electron/bridge.ts'
import { EngineProcess } from './electron/engine-process.ts'
import { setMenu } from './electron/menu.ts'
import { answerScheme, declareScheme } from './electron/scheme.ts'
import { openWindow } from './electron/window.ts'
import { defaultWorkspace } from './workspace-folder.ts'

declareScheme()
// An installed app opens with something to explore, as `npm start` does.
if (app.isPackaged) process.env['SUTURE_FIRST_START'] ??= 'demo'

let window: BrowserWindow | null = null
const folder = app.commandLine.getSwitchValue('workspace') || defaultWorkspace()
const engine = new EngineProcess(folder, () => window?.webContents.send('suture:engine-restarted'))

function open(): void {
  window = openWindow()
  window.on('closed', () => (window = null))
}

if (!app.requestSingleInstanceLock()) app.quit()
else {
  app.on('second-instance', () => window?.focus())
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open()
  })
  app.on('window-all-closed', () => app.quit())

  let closed = false
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    void engine.close().then(() => {
      closed = true
      app.quit()
    })
  })

  engine.start()
  answerBridge(engine)
  void app.whenReady().then(() => {
    answerScheme()
    setMenu(() => window)
    open()
  })
}
