import { app, BrowserWindow, ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron'

export const APP_ORIGIN = 'app://suture'

/** Where electron-vite serves the page while developing; never heeded in the packaged app. */
export const devAddress = (): string | undefined =>
  app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL']

/** Whether an address is of our own page. */
export function isOurs(address: string): boolean {
  const dev = devAddress()
  const origin = URL.canParse(address) ? new URL(address) : null
  if (!origin) return false
  if (origin.protocol === 'app:') return origin.host === 'suture'
  return dev !== undefined && origin.origin === new URL(dev).origin
}

/** Only our own page, in the top frame, may ask anything. */
export function isOurPage({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurs(senderFrame.url)
}

/** Answers `suture:<name>`, refusing everyone but our own page. */
export function handle(name: string, answer: (argument: unknown, window: BrowserWindow) => unknown): void {
  ipcMain.handle(`suture:${name}`, (event, argument: unknown) => {
    const window = BrowserWindow.fromWebContents(event.sender)
    if (!isOurPage(event) || !window) throw new Error('not allowed')
    return answer(argument, window)
  })
}
