import { expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { emptyWorkspace, fakeWorkspace } from '../fake-workspace.ts'
import { openWindow } from '../window.ts'

const CHOSEN = '/harvest?model=m-stories1&corpus=c-tinystor'

test('a hook point is chosen in the picture, its size is said, and the harvest starts', async () => {
  const harvest = vi.fn((_input: object) => ({ job: 'j-harvest2', ids: ['a-new00001'] }))
  await openWindow(CHOSEN, { answers: { activations: { harvest } } })
  await page.getByRole('checkbox', { name: 'blocks.2.hook_resid_pre, width 64' }).click()
  await expect.poll(() => location.hash).toContain('hooks=blocks.2.hook_resid_pre')
  await expect.element(page.getByText(/256 MB on disk/)).toBeVisible()
  await page.getByRole('textbox', { name: 'Tokens' }).fill('50k')
  await expect.element(page.getByText(/12.8 MB on disk/)).toBeVisible()
  await page.getByRole('button', { name: 'Harvest', exact: true }).click()
  await expect.element(page.getByText('Train on it next')).toBeVisible()
  expect(harvest.mock.lastCall?.[0]).toMatchObject({
    modelId: 'm-stories1',
    corpusId: 'c-tinystor',
    hookNames: ['blocks.2.hook_resid_pre'],
    tokens: 50_000,
    contextSize: 128,
    prependBos: true,
  })
})

test('the picture is walked and ticked by keyboard alone', async () => {
  await openWindow(CHOSEN)
  const point = (name: string) => page.getByRole('checkbox', { name: `${name}, width 64`, exact: true })
  await expect.element(point('hook_embed')).toBeInTheDocument()
  ;(point('hook_embed').element() as SVGElement).focus()
  await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowRight} ')
  await expect.element(point('blocks.1.attn.hook_z')).toHaveAttribute('aria-checked', 'true')
  await userEvent.keyboard('{ArrowRight}{Enter}')
  await expect.element(page.getByRole('button', { name: 'Harvest 2 hook points' })).toBeEnabled()
})

test('what is too much for the disk is said and not begun', async () => {
  const estimate = () => ({ bytes: 3e12, freeBytes: 1e9 })
  await openWindow(`${CHOSEN}&hooks=blocks.2.hook_resid_pre`, { answers: { activations: { estimate } } })
  await expect.element(page.getByText('Too much for this disk', { exact: false })).toBeVisible()
  await expect.element(page.getByText('width 64, 256 MB')).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Harvest', exact: true })).toBeDisabled()
})

test('centring goes to the same model added the other way', async () => {
  const add = vi.fn((input: { folder: string; name?: string }) => ({
    ...have.models.find(({ folder }) => folder === input.folder)!,
    id: 'm-centred1',
    name: input.name,
    centerWritingWeights: true,
  }))
  const have = fakeWorkspace()
  await openWindow(CHOSEN, { have, answers: { models: { add } } })
  await page.getByText('More', { exact: true }).click()
  await page.getByRole('checkbox', { name: /Centre the residual stream/ }).click()
  await expect.poll(() => location.hash).toContain('model=m-centred1')
  expect(add.mock.lastCall?.[0]).toMatchObject({ name: 'stories260K, centred', centerWritingWeights: true })
})

test('the first rows are shown as tokens', async () => {
  await openWindow(CHOSEN)
  await expect
    .element(page.getByText('the first rows of tinystories as stories260K sees them, BOS first'))
    .toBeVisible()
  await expect.poll(() => document.querySelector('.tokens')?.textContent).toContain('<s>·Once·upon')
})

test('without a model the next step is to add one', async () => {
  await openWindow('/harvest', { have: emptyWorkspace() })
  await page.getByRole('button', { name: 'Add a model' }).click()
  await expect.poll(() => location.hash).toBe('#/home?add=model')
})
