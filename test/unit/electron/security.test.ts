import { EventEmitter } from 'node:events'
import { beforeEach, expect, test, vi } from 'vitest'

// Electron itself cannot be loaded in a plain Node: only what the guards touch is here, and remembers.
type Answer = (granted: boolean) => void
const fake = vi.hoisted(() => ({
  listeners: new Map<string, (...args: never[]) => void>(),
  handlers: new Map<string, (event: object, argument: unknown) => unknown>(),
  permission: {} as {
    request?: (contents: object, permission: string, answer: Answer) => void
    check?: (contents: null, permission: string, origin: string) => boolean
    device?: () => boolean
  },
  opened: [] as string[],
}))
vi.mock('electron', () => ({
  app: {
    isPackaged: true,
    on: (name: string, listener: (...args: never[]) => void) => fake.listeners.set(name, listener),
  },
  BrowserWindow: { fromWebContents: (contents: object) => ({ contents }) },
  ipcMain: {
    handle: (name: string, answer: (event: object, argument: unknown) => unknown) =>
      fake.handlers.set(name, answer),
  },
  session: {
    defaultSession: {
      setPermissionRequestHandler: (f: never) => (fake.permission.request = f),
      setPermissionCheckHandler: (f: never) => (fake.permission.check = f),
      setDevicePermissionHandler: (f: never) => (fake.permission.device = f),
    },
  },
  shell: { openExternal: (url: string) => void fake.opened.push(url) },
}))
const { denyPermissions, guardPages } = await import('../../../src-main/electron/security.ts')
const { handle, isOurs } = await import('../../../src-main/electron/sender.ts')

const OURS = 'app://suture/index.html#/home'
const OTHERS = [
  'https://example.org/',
  'app://other/index.html',
  'app://suture.example.org/',
  'file:///etc/passwd',
  'about:blank',
  '',
]
beforeEach(() => void (fake.opened.length = 0))

class Page extends EventEmitter {
  openHandler: (asked: { url: string }) => { action: string } = () => ({ action: 'allow' })
  setWindowOpenHandler(handler: Page['openHandler']): void {
    this.openHandler = handler
  }
}
function guardedPage(): Page {
  guardPages()
  const page = new Page()
  ;(fake.listeners.get('web-contents-created') as unknown as (event: object, page: Page) => void)({}, page)
  return page
}
const isPrevented = (page: Page, event: string, url: string): boolean => {
  const preventDefault = vi.fn()
  page.emit(event, { url, preventDefault })
  return preventDefault.mock.calls.length > 0
}

test('our page is ours, and no address that only looks like it, nor the development server once packaged', () => {
  vi.stubEnv('ELECTRON_RENDERER_URL', 'http://localhost:5173')
  expect(isOurs(OURS)).toBe(true)
  expect([...OTHERS, 'http://localhost:5173/'].filter(isOurs)).toEqual([])
  vi.unstubAllEnvs()
})

test.each(['will-navigate', 'will-redirect', 'will-frame-navigate'])(
  '%s to elsewhere is stopped',
  (event) => {
    const page = guardedPage()
    expect(OTHERS.filter((url) => !isPrevented(page, event, url))).toEqual([])
    expect(isPrevented(page, event, OURS)).toBe(false)
  },
)

test('no window opens; a link to the web goes to the browser, any other address nowhere', () => {
  const page = guardedPage()
  const asked = ['https://example.org/', 'http://example.org/', 'file:///etc/passwd', 'smb://x/y', OURS]
  expect(asked.map((url) => page.openHandler({ url }).action)).toEqual(asked.map(() => 'deny'))
  expect(fake.opened).toEqual(['https://example.org/'])
})

test('no page embeds another program’s view', () => {
  expect(isPrevented(guardedPage(), 'will-attach-webview', OURS)).toBe(true)
})

test('every permission is denied but writing to the clipboard, and that to our page alone', () => {
  denyPermissions()
  const granted = (permission: string, url: string): boolean => {
    let said = false
    fake.permission.request?.({ getURL: () => url }, permission, (yes) => (said = yes))
    expect(fake.permission.check?.(null, permission, url)).toBe(said)
    return said
  }
  const asked = [
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'openExternal',
    'fileSystem',
    'hid',
  ]
  expect(asked.filter((permission) => granted(permission, OURS))).toEqual([])
  expect(granted('clipboard-sanitized-write', OURS)).toBe(true)
  expect(granted('clipboard-sanitized-write', 'https://example.org/')).toBe(false)
  expect(fake.permission.device?.()).toBe(false)
})

test('a channel answers our page in the top frame and nobody else', () => {
  const answer = vi.fn(() => 'here')
  handle('test', answer)
  const ask = (senderFrame: object | null): unknown =>
    fake.handlers.get('suture:test')?.({ sender: {}, senderFrame }, 1)
  expect(ask({ url: OURS, parent: null })).toBe('here')
  for (const frame of [null, { url: OURS, parent: {} }, ...OTHERS.map((url) => ({ url, parent: null }))])
    expect(() => ask(frame)).toThrow('not allowed')
  expect(answer).toHaveBeenCalledTimes(1)
})
