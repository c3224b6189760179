import { expect, test, type Browser } from '@playwright/test'
import { hasShared, launchChromium, removeFolder, serveApp, temporaryFolder, type ServedApp } from './app.ts'
import { walkToLabel } from './journey.ts'

let workspace: string
let served: ServedApp
let browser: Browser

test.beforeAll(async () => {
  workspace = temporaryFolder()
  served = await serveApp(workspace)
  browser = await launchChromium()
})
test.afterAll(async () => {
  await browser.close()
  await served.close()
  removeFolder(workspace)
})

test('the printed address opens the app; the token does not stay in the address', async () => {
  const page = await browser.newPage()
  await page.goto(served.address)
  await expect(page.getByText('engine ready')).toBeVisible()
  expect(page.url()).not.toContain('token')
  await page.reload()
  await expect(page.getByText('engine ready')).toBeVisible()
  await page.close()
})

test('a page without the token hears nothing', async () => {
  const page = await browser.newPage()
  await page.goto(new URL('/', served.address).href)
  await page.waitForTimeout(1000)
  await expect(page.getByText('engine ready')).toHaveCount(0)
  await page.close()
})

test('it listens on the loopback interface only and answers with a strict policy', async () => {
  const { hostname } = new URL(served.address)
  expect(hostname).toBe('127.0.0.1')
  const response = await fetch(new URL('/', served.address))
  expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect((await fetch(new URL('/../package.json', served.address))).status).toBe(404)
})

test('in a browser tab: from a model to a label that survives a restart', async () => {
  test.skip(!hasShared, 'needs ../shared')
  test.setTimeout(240_000)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(served.address)
  const feature = await walkToLabel(page)
  await page.close()
  await served.close()
  served = await serveApp(workspace)
  const again = await browser.newPage()
  await again.goto(served.address)
  await expect(again.getByText('engine ready')).toBeVisible()
  await again.evaluate((hash) => (location.hash = hash), feature)
  await expect(again.getByText('seen in a journey').first()).toBeVisible()
  await again.close()
})
