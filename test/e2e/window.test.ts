import { expect, test, type ElectronApplication, type Page } from '@playwright/test'
import { enginePids, hasShared, openWindow, removeFolder, temporaryFolder } from './app.ts'
import { walkToLabel } from './journey.ts'

let workspace: string
let userData: string
let app: ElectronApplication
let page: Page

test.beforeAll(async () => {
  workspace = temporaryFolder()
  userData = temporaryFolder()
  ;({ app, page } = await openWindow(workspace, userData))
})
test.afterAll(async () => {
  await app?.close()
  removeFolder(workspace)
  removeFolder(userData)
})

test('the window opens on a new workspace and the engine answers', async () => {
  await expect(page.getByText('engine ready')).toBeVisible()
  await expect(page).toHaveTitle(/Suture/)
})

test('an engine that is killed comes back, and the window with it', async () => {
  const [pid] = enginePids(workspace)
  // Until the window has heard of it, the next question would go to the dead engine. It says so for an instant only.
  const away = page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const status = document.querySelector('[role=status].engine')!
        const look = (): void => {
          if (!status.textContent?.includes('engine ready')) resolve()
        }
        new MutationObserver(look).observe(status, { childList: true, characterData: true, subtree: true })
      }),
  )
  process.kill(pid, 'SIGKILL')
  await away
  await expect.poll(() => enginePids(workspace).filter((other) => other !== pid).length).toBe(1)
  await expect(page.getByText('engine ready')).toBeVisible()
})

test('the menu goes to a screen', async () => {
  await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('go-harvest')?.click())
  await expect(page).toHaveURL(/#\/harvest/)
})

test('the page may not run scripts of others, nor be navigated away', async () => {
  const blocked = await page.evaluate(async () => {
    const violation = new Promise<string>((resolve) =>
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective), {
        once: true,
      }),
    )
    const script = document.createElement('script')
    script.textContent = 'window.ran = true'
    document.head.append(script)
    return [await violation, 'ran' in window]
  })
  expect(blocked).toEqual([expect.stringContaining('script-src'), false])
})

test('in the window: from a model to a label that survives a restart', async () => {
  test.skip(!hasShared, 'needs ../shared')
  test.setTimeout(240_000)
  await page.evaluate(() => (location.hash = '#/home'))
  const feature = await walkToLabel(page)
  await app.close()
  ;({ app, page } = await openWindow(workspace, userData))
  await expect(page.getByText('engine ready')).toBeVisible()
  await page.evaluate((hash) => (location.hash = hash), feature)
  await expect(page.getByText('seen in a journey').first()).toBeVisible()
})
