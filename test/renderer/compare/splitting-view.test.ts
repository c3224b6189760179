import { expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { settings } from '../../../src-renderer/state/settings.svelte.ts'
import { expectAccessible } from '../accessible.ts'
import { openWindow } from '../window.ts'
import { compareAnswers, comparedWorkspace, fakeComparison, SAES } from './fake-comparison.ts'

const AT = `/compare/splitting?saes=${SAES.join(',')}`
const text = (words: string | RegExp) => page.getByText(words).first()
const open = (at = AT, some = {}, size = {}) =>
  openWindow(at, { have: comparedWorkspace(), answers: compareAnswers(some), ...size })

test('SAEs of one hook point are offered narrowest first; two or more are a chain', async () => {
  await open('/compare/splitting')
  await expect.element(text('What becomes of features as dictionaries widen?')).toBeVisible()
  const button = page.getByRole('button', { name: 'Show how they split' })
  await expect.element(button).toBeDisabled()
  await page.getByRole('checkbox', { name: /topk 32/ }).click()
  await page.getByRole('checkbox', { name: /topk 8/ }).click()
  await button.click()
  await expect.poll(() => decodeURIComponent(location.hash)).toContain(`saes=${SAES[0]},${SAES[2]}`)
})

test('counts what is kept, split, vanished and new, and follows the threshold', async () => {
  await open()
  // 0.3 + 0.7 (j + 1) / 16 > 0.7 for j ≥ 9: seven children of the parents 4 to 7, of which 4 has one
  await expect.element(text(/8 → 16: 1 kept · 3 split into 6 · 4 vanished · 9 novel/)).toBeVisible()
  await page.getByRole('slider', { name: /Threshold above which/ }).click()
  await userEvent.keyboard('{Home}')
  await expect.element(text(/8 → 16: 0 kept · 8 split into 16 · 0 vanished · 0 novel/)).toBeVisible()
  await expect.poll(() => location.hash).toContain('t=0.00')
})

test('draws the tree of a feature; a click reads a child beside its parent, and its siblings’ geometry is shown', async () => {
  await open(`${AT}&feature=7`)
  await expect.element(page.getByRole('button', { name: /Feature 7 of topk 8/ })).toBeVisible()
  await expect.element(text(/They fire apart: alternatives/)).toBeVisible()
  await expect.element(page.getByRole('img', { name: /Arrangement of the children/ })).toBeVisible()
  await expect.element(page.getByRole('img', { name: /Firing together, against chance/ })).toBeVisible()
  await page.getByRole('button', { name: /Feature 15 of topk 16/ }).click()
  const pair = page.getByRole('region', { name: 'The two selected features' })
  await expect.element(pair.getByText('child 15')).toBeVisible()
  await expect.element(pair.getByText('Strongest of A')).toBeVisible()
})

test('another feature is chosen in the list, and the address says which', async () => {
  await open(`${AT}&feature=7`)
  const list = page.getByRole('grid', { name: 'Features of topk 8' })
  await list.getByRole('row').nth(8).click()
  await expect.poll(() => location.hash).toMatch(/feature=\d/)
  await expect.element(text(/no children above the threshold|one child above/)).toBeVisible()
})

test('comparisons between neighbours are made where they are missing, each once', async () => {
  const asked: unknown[] = []
  const create = (request: { aId: string; bId: string }) => {
    asked.push([request.aId, request.bId])
    return { id: 'p-new00001', job: 'j-new00001' }
  }
  await open(AT, { list: () => [fakeComparison('p-pair0002', 1, 2)], create })
  await expect.element(text('Comparing neighbours')).toBeVisible()
  await expect.poll(() => asked).toEqual([[SAES[0], SAES[1]]])
})

test.each(['light', 'dark'] as const)(
  'in the %s theme it has no finding and fits a small window',
  async (theme) => {
    settings.theme = theme
    await open(`${AT}&feature=7`, {}, { width: 1024, height: 700 })
    await expect.element(text(/They fire apart/)).toBeVisible()
    await expectAccessible()
    await expect.poll(() => document.querySelector('main')!.scrollWidth).toBeLessThanOrEqual(1024)
    settings.theme = 'light'
  },
)
