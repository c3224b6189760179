import {
  BrowserWindow,
  dialog,
  ipcMain,
  Notification,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
} from 'electron'
import { z } from 'zod'
import type { EngineProcess } from './engine-process.ts'
import { APP_ORIGIN } from './window.ts'

const Extensions = z.array(z.string().regex(/^[a-z0-9.]{1,16}$/)).max(16)
const Note = z.object({ title: z.string().max(200), body: z.string().max(1000) })

/** Only our own page, in the top frame, may ask anything. */
function isOurPage({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const dev = process.env['ELECTRON_RENDERER_URL']
  const url = senderFrame?.url ?? ''
  return url.startsWith(`${APP_ORIGIN}/`) || (dev !== undefined && url.startsWith(dev))
}

function handle(channel: string, answer: (window: BrowserWindow, argument: unknown) => unknown): void {
  ipcMain.handle(channel, (event, argument: unknown) => {
    const window = BrowserWindow.fromWebContents(event.sender)
    if (!isOurPage(event) || !window) throw new Error('not allowed')
    return answer(window, argument)
  })
}

/** What the window may ask of the main process: ports to the engine, native dialogs, notifications. */
export function answerBridge(engine: EngineProcess): void {
  ipcMain.on('suture:port', (event) => {
    if (isOurPage(event)) for (const port of event.ports) engine.attach(port)
  })
  handle('suture:pick-folder', async (window) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, { properties: ['openDirectory'] })
    return canceled ? null : filePaths[0]
  })
  handle('suture:pick-files', async (window, argument) => {
    const extensions = Extensions.parse(argument)
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      properties: ['openFile', 'multiSelections'],
      filters: extensions.length ? [{ name: 'Files', extensions }] : [],
    })
    return canceled ? [] : filePaths
  })
  handle('suture:notify', (_window, argument) => {
    if (Notification.isSupported()) new Notification(Note.parse(argument)).show()
  })
}
