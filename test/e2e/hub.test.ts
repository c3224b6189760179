// A model from a hub that runs here, by clicking and typing: what it takes, the download, and everything that goes wrong.
import { expect, test, type Browser, type Page } from '@playwright/test'
import { join } from 'node:path'
import { serveModelHub, type ModelHub } from '../unit/language-model/model-hub.ts'
import {
  hasShared,
  launchChromium,
  removeFolder,
  serveApp,
  shared,
  temporaryFolder,
  type ServedApp,
} from './app.ts'

const REPO = 'someone/stories'
let hub: ModelHub
let workspace: string
let cache: string
let served: ServedApp
let browser: Browser
let page: Page

test.beforeEach(async () => {
  test.skip(!hasShared, 'needs ../shared')
  hub = await serveModelHub(join(shared, 'models/stories260K'), REPO)
  workspace = temporaryFolder()
  cache = temporaryFolder()
  const environment = { HF_ENDPOINT: hub.address, HF_HUB_CACHE: cache, HF_TOKEN: '' }
  served = await serveApp(workspace, environment)
  browser = await launchChromium()
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(served.address)
  await expect(page.getByText('engine ready')).toBeVisible()
})
test.afterEach(async () => {
  if (!hasShared) return
  await browser.close()
  await served.close()
  await hub.close()
  removeFolder(workspace)
  removeFolder(cache)
})

async function ask(repo: string): Promise<void> {
  await page.evaluate(() => (location.hash = '#/home?add=model&from=hub'))
  await page.getByRole('textbox', { name: 'Model on the hub' }).fill(repo)
  await page.keyboard.press('Enter')
}
const tray = () => page.getByRole('region', { name: 'Jobs' })

test('a model is looked at, downloaded with a pause, and used from the cache the next time', async () => {
  hub.bytesPerSecond = 200_000
  await ask(`${REPO}@v1`)
  const takes = page.getByRole('region', { name: 'What it takes' })
  await expect(takes).toContainText('A model of type llama')
  await expect(takes).toContainText('model.safetensors')
  await expect(takes).not.toContainText('in the cache already')
  await page.getByRole('button', { name: /^Download .* and add$/ }).click()

  await expect(tray()).toContainText('Downloading model.safetensors')
  await tray().getByRole('button', { name: 'Pause' }).click()
  await expect(tray()).toContainText('paused')
  await ask(REPO)
  await expect(takes).toContainText(/of it are in the cache already/)

  hub.bytesPerSecond = 0
  await tray().getByRole('button', { name: 'Resume' }).click()
  await expect(page.getByRole('grid', { name: 'Models' })).toContainText(REPO)
  await ask(REPO)
  await expect(takes).toContainText('All of it is in the cache already')
  await expect(page.getByRole('button', { name: 'Add the model' })).toBeEnabled()
})

test('a connection that drops is taken up again by itself', async () => {
  hub.cutAfter = 300_000
  await ask(REPO)
  await page.getByRole('button', { name: /^Download .* and add$/ }).click()
  await expect(page.getByRole('grid', { name: 'Models' })).toContainText(REPO)
  expect(hub.requests.filter((request) => request.includes('bytes=')).length).toBeGreaterThan(0)
})

test('no such model, a private one, and a hub that is gone are said with the next step', async () => {
  await ask('someone/else')
  await expect(page.getByRole('alert')).toContainText('has no such file or repository')
  hub.token = 'hf_secret'
  await ask(REPO)
  await expect(page.getByRole('alert')).toContainText('does not let you read it (401)')
  await page.getByRole('main').getByRole('link', { name: 'Settings' }).click()
  await expect(page.getByRole('region', { name: 'Hugging Face hub' })).toContainText(hub.address)
  await expect(page.getByRole('region', { name: 'Hugging Face hub' })).toContainText('not set')
  hub.token = null
  await hub.close()
  await ask(REPO)
  await expect(page.getByRole('alert')).toContainText('cannot be reached')
})
