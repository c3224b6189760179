import { app, session, shell, type WebContents } from 'electron'
import { isOurs } from './sender.ts'

/** The one thing the page asks of the browser: to put a figure or its numbers on the clipboard. */
const ALLOWED = 'clipboard-sanitized-write'

/** Denies what a page could ask of the machine. Electron's own default would allow all of it. */
export function denyPermissions(): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === ALLOWED && isOurs(contents.getURL())),
  )
  defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === ALLOWED && isOurs(origin),
  )
  defaultSession.setDevicePermissionHandler(() => false)
}

/** No page leaves for another address, opens a window, or embeds one. Links to the web open in the person's browser. */
function guard(contents: WebContents): void {
  contents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) void shell.openExternal(url)
    return { action: 'deny' }
  })
  const stay = (event: { preventDefault(): void; url: string }): void => {
    if (!isOurs(event.url)) event.preventDefault()
  }
  contents.on('will-navigate', stay)
  contents.on('will-redirect', stay)
  contents.on('will-frame-navigate', stay)
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** Guards every page from its beginning. To be called before the first window is made. */
export function guardPages(): void {
  app.on('web-contents-created', (_event, contents) => guard(contents))
}
