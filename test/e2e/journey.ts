import { expect, type Page } from '@playwright/test'
import { join } from 'node:path'
import { shared } from './app.ts'

/** What a new user does, by clicking and typing: from a model's folder to a label. Ends on the labelled feature. */
export async function walkToLabel(page: Page): Promise<string> {
  const main = page.getByRole('main')
  await expect(page.getByText('engine ready')).toBeVisible()

  await main.getByRole('button', { name: 'Add a model' }).click()
  await page.getByRole('combobox', { name: 'Folder of the model' }).fill(join(shared, 'models/stories260K'))
  await page.getByRole('button', { name: 'Add the model' }).click()
  await expect(page.getByRole('row', { name: /stories260K/ }).first()).toBeVisible()

  await page.evaluate(() => (location.hash = '#/home?add=corpus'))
  await page.getByRole('combobox', { name: 'Files' }).fill(join(shared, 'corpora/tinystories-sampled.txt'))
  await page.getByRole('button', { name: 'Add the corpus' }).click()
  await expect(page.getByRole('row', { name: /tinystories-sampled/ }).first()).toBeVisible()

  await page.evaluate(() => (location.hash = '#/harvest'))
  await page.getByLabel('blocks.2.hook_resid_pre, width 64').click()
  await page.getByRole('textbox', { name: 'Tokens' }).fill('20000')
  await page.getByRole('button', { name: 'Harvest', exact: true }).click()
  await expect
    .poll(
      async () => {
        await page.evaluate(() => (location.hash = '#/home'))
        return page.getByRole('row', { name: /blocks\.2\.hook_resid_pre.*20,0/ }).count()
      },
      { timeout: 60_000 },
    )
    .toBeGreaterThan(0)

  await page.evaluate(() => (location.hash = '#/train'))
  await page.getByRole('combobox', { name: 'Kind' }).selectOption('topk')
  await page.getByText('More', { exact: true }).click()
  await page.getByRole('textbox', { name: 'Widths' }).fill('64')
  await page.getByRole('textbox', { name: 'k', exact: true }).fill('8')
  await page.getByRole('textbox', { name: 'Tokens' }).fill('40000')
  await page.getByRole('button', { name: 'Train', exact: true }).click()
  await expect(page).toHaveURL(/#\/train\/r-/)
  await expect
    .poll(
      async () => {
        await page.evaluate(() => (location.hash = '#/features'))
        return page.getByRole('grid', { name: 'SAEs' }).getByRole('row', { name: /topk/ }).count()
      },
      { timeout: 90_000 },
    )
    .toBeGreaterThan(0)

  await expect(async () => {
    await page.getByRole('grid', { name: 'SAEs' }).getByRole('row', { name: /topk/ }).click()
    await expect(page).toHaveURL(/#\/sae\//, { timeout: 1000 })
  }).toPass()
  await page.getByRole('button', { name: 'Index', exact: true }).click()
  const list = page.getByRole('grid', { name: /features/i }).first()
  await expect(list.locator('.body').first()).toBeVisible({ timeout: 60_000 })
  await list.locator('.body').first().click()
  await page.keyboard.press('l')
  await page.keyboard.type('seen in a journey')
  await page.keyboard.press('Enter')
  await expect(page.getByText('seen in a journey').first()).toBeVisible()
  return page.evaluate(() => location.hash)
}
