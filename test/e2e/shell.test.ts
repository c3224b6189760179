import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, type ElectronApplication, type Page } from '@playwright/test'
import { enginePids, openWindow, removeFolder, temporaryFolder } from './app.ts'

let folder: string
let userData: string
let app: ElectronApplication
let page: Page

test.beforeAll(async () => {
  folder = temporaryFolder()
  userData = temporaryFolder()
  ;({ app, page } = await openWindow(join(folder, 'first'), userData))
  await expect(page.getByText('engine ready')).toBeVisible()
})
test.afterAll(async () => {
  await app?.close()
  removeFolder(folder)
  removeFolder(userData)
})

const first = (): string => join(folder, 'first')
const second = (): string => join(folder, 'second')
const click = (id: string): Promise<void> =>
  app.evaluate(({ Menu }, item) => Menu.getApplicationMenu()?.getMenuItemById(item)?.click(), id)
const choose = (path: string): Promise<void> =>
  app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] })
  }, path)
/** Answers message boxes with a button and keeps what they said. */
const answer = (response: number): Promise<void> =>
  app.evaluate(({ dialog }, button) => {
    const said: string[] = []
    Object.assign(globalThis, { said })
    dialog.showMessageBox = (...args: unknown[]) => {
      said.push((args.at(-1) as { detail: string }).detail)
      return Promise.resolve({ response: button, checkboxChecked: false })
    }
  }, response)
const said = (): Promise<string[]> => app.evaluate(() => (globalThis as unknown as { said: string[] }).said)
const isOpen = async (workspace: string): Promise<void> => {
  await expect(page.locator('footer .folder')).toHaveText(workspace)
  await expect(page.getByText('engine ready')).toBeVisible()
}

test('a workspace gets a file to open it by', () => {
  expect(readdirSync(first())).toContain('first.suture')
  expect(JSON.parse(readFileSync(join(first(), 'first.suture'), 'utf8'))).toMatchObject({ workspace: '.' })
})

test('a new workspace takes the place of the open one, and the old one’s engine ends', async () => {
  await page.evaluate(() => (location.hash = '#/train'))
  mkdirSync(second())
  await choose(second())
  await click('new-workspace')
  await isOpen(second())
  await expect(page).not.toHaveURL(/train/)
  await expect.poll(() => enginePids(first()).length).toBe(0)
})

test('the last workspaces are in the menu, and one of them opens', async () => {
  const recent = await page.evaluate(() => window.suture?.recentWorkspaces())
  expect(recent?.map(({ name }) => name)).toEqual(['second', 'first'])
  await click('recent-1')
  await isOpen(first())
})

test('a .suture file opens its workspace, by a double click while the app runs', async () => {
  await app.evaluate(
    ({ app: main }, file) => {
      main.emit('second-instance', {}, ['suture', '--some-switch', file], '/')
    },
    join(second(), 'second.suture'),
  )
  await isOpen(second())
  await app.evaluate(
    ({ app: main }, file) => {
      main.emit('open-file', { preventDefault: () => {} }, file)
    },
    join(first(), 'first.suture'),
  )
  await isOpen(first())
})

test('a broken .suture file is refused with a sentence, and the open workspace stays', async () => {
  const broken = join(folder, 'broken.suture')
  writeFileSync(broken, '{"suture": "workspace", "version": 1, "workspace": "/etc"}')
  await answer(0)
  await app.evaluate(({ app: main }, file) => {
    main.emit('open-file', { preventDefault: () => {} }, file)
  }, broken)
  await expect.poll(said).toEqual([expect.stringMatching(/broken\.suture: it is not a workspace file/)])
  await isOpen(first())
})

test('a folder that is no workspace is refused, and a page cannot name one of its own', async () => {
  const plain = join(folder, 'plain')
  mkdirSync(plain)
  await choose(plain)
  expect(await page.evaluate(() => window.suture?.openWorkspace())).toMatchObject({ code: 'not-found' })
  expect(await page.evaluate((path) => window.suture?.openRecentWorkspace(path), plain)).toMatchObject({
    code: 'not-found',
  })
  expect(existsSync(join(plain, 'workspace.db'))).toBe(false)
  await isOpen(first())
})

test('the hub’s token is kept encrypted, is not told to the window, and can be removed', async () => {
  const token = 'hf_aSecretOfThisTest'
  expect(await page.evaluate((t) => window.suture?.hubToken.set(t), token)).toEqual({
    kept: 'keychain',
    note: null,
  })
  const kept = readFileSync(join(userData, 'hub-token'))
  expect(kept.includes(token)).toBe(false)
  expect(JSON.stringify(await page.evaluate(() => window.suture?.hubToken.has()))).not.toContain(token)
  expect(await page.evaluate(() => window.suture?.hubToken.set('two words'))).toMatchObject({
    kept: 'keychain',
    note: expect.stringContaining('no token'),
  })
  expect(await page.evaluate(() => window.suture?.hubToken.clear())).toMatchObject({ note: null })
  expect(existsSync(join(userData, 'hub-token'))).toBe(false)
})

test('where the desktop has no keychain, a token is kept for this run only, and that is said', async () => {
  test.skip(process.platform !== 'linux', 'only Linux has desktops without a keychain')
  await app.evaluate(({ safeStorage }) => {
    safeStorage.getSelectedStorageBackend = () => 'basic_text'
  })
  expect(await page.evaluate(() => window.suture?.hubToken.set('hf_aSecretOfThisTest'))).toEqual({
    kept: 'this-run',
    note: expect.stringContaining('no keychain'),
  })
  expect(existsSync(join(userData, 'hub-token'))).toBe(false)
})

test('a job’s news are a notification of the system', async () => {
  await page.evaluate(() => window.suture?.notify('Done', 'Harvest of 2 million tokens'))
  const shown = await app.evaluate(
    ({ Notification }) => (Notification as unknown as { shown?: { title: string }[] }).shown,
  )
  test.skip(shown === undefined, 'the real system shows it')
  expect(shown?.at(-1)).toMatchObject({ title: 'Done' })
})

test('an engine that does not stay up is asked about once, not started for ever', async () => {
  test.setTimeout(90_000)
  await answer(0)
  for (let deaths = 0; deaths < 3; deaths++) {
    await expect.poll(() => enginePids(first()).length).toBe(1)
    await expect(page.getByText('engine ready')).toBeVisible()
    const [pid] = enginePids(first())
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => enginePids(first()).includes(pid)).toBe(false)
  }
  await expect.poll(said).toEqual([expect.stringContaining('3 times in a row')])
  await isOpen(first())
})

test('the window comes back where it was, maximised if it was, and with the last workspace', async () => {
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].maximize())
  await app.close()
  expect(JSON.parse(readFileSync(join(userData, 'window.json'), 'utf8'))).toMatchObject({ maximised: true })
  ;({ app, page } = await openWindow('', userData, { args: [], env: { SUTURE_WORKSPACE: '' } }))
  await isOpen(first())
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].isMaximized())).toBe(true)
})
