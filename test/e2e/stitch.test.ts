import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test, type Browser, type Page } from '@playwright/test'
import {
  hasShared,
  launchChromium,
  removeFolder,
  root,
  serveApp,
  shared,
  temporaryFolder,
  type ServedApp,
} from './app.ts'

let workspace: string
let served: ServedApp
let browser: Browser
let page: Page
test.skip(!hasShared, 'needs ../shared')

const suture = (...args: string[]): Record<string, string> =>
  JSON.parse(
    execFileSync(
      process.execPath,
      [join(root, 'scripts/suture.mjs'), ...args, '--workspace', workspace, '--json'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    ),
  ) as Record<string, string>

test.beforeAll(async () => {
  test.setTimeout(180_000)
  workspace = temporaryFolder()
  const model = suture('models', 'add', join(shared, 'models/stories260K'))
  const reference = join(shared, 'reference/saes-stories260K.safetensors')
  const hook = 'blocks.2.hook_resid_pre'
  const corpus = suture('corpora', 'add-tokens', reference, '--tensor', 'ids')
  suture('harvest', '--model', model['id'], '--corpus', corpus['id'], '--hook', hook, '--tokens', '10240')
  for (const sae of ['relu-64', 'relu-128']) suture('saes', 'import', join(shared, 'saes/stories260K', sae))
  served = await serveApp(workspace)
  browser = await launchChromium()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(served.address)
  await expect(page.getByText('engine ready')).toBeVisible()
})
test.afterAll(async () => {
  await browser?.close()
  await served?.close()
  if (workspace) removeFolder(workspace)
})

/** A number of the table over which features hang: the row's value in the column of what is, or of what would be. */
const shown = async (row: string, column: 'now' | 'after'): Promise<string> =>
  (await page.locator(`tr.${row} .${column}`).innerText()).trim()

test('two SAEs are compared, and the counts follow the threshold that is dragged', async () => {
  await page.evaluate(() => (location.hash = '#/compare'))
  await page
    .getByRole('combobox', { name: 'A', exact: true })
    .selectOption({ label: 'relu-64 · 64 features' })
  await page
    .getByRole('combobox', { name: 'B', exact: true })
    .selectOption({ label: 'relu-128 · 128 features' })
  await page.getByRole('combobox', { name: 'Activations' }).selectOption({ index: 2 })
  await page.getByRole('button', { name: 'Compare', exact: true }).click()
  const counts = page.locator('.counts')
  // 58 of the 128 features have a cosine above 0.7 with one of the 64: computed by PyTorch.
  await expect(counts).toContainText('70 novel', { timeout: 60_000 })
  await expect(counts).toContainText('58 reconstruction')
  const handle = page.getByRole('slider', { name: 'Threshold between novel and reconstruction' })
  const box = (await handle.boundingBox())!
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + 60, box.y + box.height / 2, { steps: 5 })
  await page.mouse.up()
  await expect(counts).not.toContainText('70 novel')
  await handle.focus()
  await page.keyboard.press('End')
  await expect(counts).toContainText('128 novel')
})

test('a feature that is dragged shows what its drop gives, to the digit, and the drop survives a killed engine', async () => {
  await page.evaluate(() => (location.hash = '#/stitch'))
  await page.getByRole('combobox', { name: 'A, the host' }).selectOption({ label: 'relu-64 · 64 features' })
  await page
    .getByRole('combobox', { name: 'B, the donor' })
    .selectOption({ label: 'relu-128 · 128 features' })
  await page.getByRole('button', { name: 'Lay them out' }).click()
  const row = page.getByRole('grid', { name: 'Features of B' }).locator('.body').first()
  await expect(row).toBeVisible({ timeout: 60_000 })
  const before = await shown('MSE', 'now')

  const from = (await row.boundingBox())!
  const zone = (await page.locator('[data-drop="hybrid"]').boundingBox())!
  await page.mouse.move(from.x + 80, from.y + 14)
  await page.mouse.down()
  await page.mouse.move(from.x, from.y + 40, { steps: 4 })
  await page.mouse.move(zone.x + 120, zone.y + 60, { steps: 6 })
  await expect.poll(() => shown('MSE', 'after')).not.toBe('')
  const promised = await shown('MSE', 'after')
  await page.mouse.up()
  await expect.poll(() => shown('MSE', 'now')).toBe(promised)
  expect(Number(promised)).toBeLessThan(Number(before))
  expect(await shown('features', 'now')).toBe('65')

  served.engineKill()
  await expect(page.getByText('engine ready')).toBeVisible()
  await page.reload()
  await expect.poll(() => shown('MSE', 'now'), { timeout: 60_000 }).toBe(promised)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => shown('MSE', 'now')).toBe(before)
})

test('keys do what dragging does', async () => {
  await page.getByRole('grid', { name: 'Features of B' }).locator('.body').first().click()
  await page.keyboard.press('a')
  await expect.poll(() => shown('features', 'now')).toBe('65')
  await page.keyboard.press('z')
  await expect.poll(() => shown('features', 'now')).toBe('64')
})

test('threshold and picks stay when the engine is started again, and the graph pans by a drag of its ground', async () => {
  await page.getByRole('slider', { name: 'threshold' }).fill('0.55')
  await page.getByRole('grid', { name: 'Features of B' }).locator('.body').nth(2).click()
  await expect.poll(() => shown('MSE', 'after')).not.toBe('')
  const promised = await shown('MSE', 'after')
  served.engineKill()
  await expect(page.getByText('engine away')).toBeVisible()
  await expect(page.getByText('engine ready')).toBeVisible()
  await expect(page.getByRole('slider', { name: 'threshold' })).toHaveValue('0.55')
  expect(await page.locator('.dot.picked').count()).toBe(1)
  await page.keyboard.press('a')
  await expect.poll(() => shown('MSE', 'now'), { timeout: 60_000 }).toBe(promised)
  await page.keyboard.press('z')
  await expect.poll(() => shown('features', 'now')).toBe('64')

  const view = page.locator('.hybrid .view')
  const ground = (await view.locator('.swap').nth(1).boundingBox())!
  await page.mouse.move(ground.x + 60, ground.y + 8)
  await page.mouse.down()
  await page.mouse.move(ground.x + 60, ground.y - 92, { steps: 4 })
  await page.mouse.up()
  expect(await view.evaluate((element) => element.scrollTop)).toBe(100)
})
