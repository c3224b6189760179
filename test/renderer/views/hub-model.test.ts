import { describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { problem } from '#contract/problem.ts'
import { expectAccessible } from '../accessible.ts'
import { openWindow } from '../window.ts'

const plan = (over: object = {}) => ({
  repo: 'someone/tiny',
  revision: 'main',
  modelType: 'gpt2',
  files: [
    { name: 'config.json', bytes: 600, hereBytes: 600 },
    { name: 'model.safetensors', bytes: 5e8, hereBytes: 1e8 },
  ],
  freeBytes: 2e10,
  hubReached: true,
  ...over,
})
async function look(
  planDownload: (input: { hubId: string }) => unknown,
  answers: object = {},
): Promise<void> {
  await openWindow('/home?add=model', { answers: { models: { planDownload, ...answers } } })
  await page.getByRole('radio', { name: 'On the hub' }).click({ force: true })
  await page.getByRole('textbox', { name: 'Model on the hub' }).fill('someone/tiny')
  await userEvent.keyboard('{Enter}')
}

describe('a model from the hub', () => {
  test('is looked at with its sizes before it is downloaded', async () => {
    const download = vi.fn((_input: object) => ({ job: 'j-down2222', id: 'm-new22222' }))
    await look(() => plan(), { download })
    const takes = page.getByRole('region', { name: 'What it takes' })
    await expect.element(takes.getByText('2 files, 500 MB', { exact: false })).toBeVisible()
    await expect.element(takes.getByText('100 MB of it are in the cache', { exact: false })).toBeVisible()
    await expectAccessible()
    await page.getByRole('button', { name: 'Download 400 MB and add' }).click()
    await expect.element(page.getByText('is on its way', { exact: false })).toBeVisible()
    expect(download.mock.lastCall?.[0]).toEqual({ hubId: 'someone/tiny', centerWritingWeights: false })
    await expect.poll(() => location.hash).toBe('#/home')
  })

  test('is not begun where the disk is too small', async () => {
    await look(() => plan({ freeBytes: 1e6 }))
    await expect.element(page.getByText('Free some space first', { exact: false })).toBeVisible()
    await expect.element(page.getByRole('button', { name: /^Download/ })).toBeDisabled()
  })

  test('that is in the cache is added without a download, the hub being away', async () => {
    await look(() =>
      plan({ files: [{ name: 'model.safetensors', bytes: 9, hereBytes: 9 }], hubReached: false }),
    )
    await expect
      .element(page.getByText('The hub cannot be reached; all of it is in the cache.', { exact: false }))
      .toBeVisible()
    await expect.element(page.getByRole('button', { name: 'Add the model' })).toBeEnabled()
  })

  test('that wants a token leads to Settings', async () => {
    await look(() => {
      throw problem('not-allowed', 'someone/tiny', 'hub does not let you read it (401)', 'Give a token.')
    })
    await expect.element(page.getByText('does not let you read it', { exact: false })).toBeVisible()
    await page.getByRole('main').getByRole('link', { name: 'Settings' }).click()
    await expect.poll(() => location.hash).toBe('#/settings')
  })
})

test('an SAE of the published catalogue is found by its model and looked into with what the catalogue knows', async () => {
  const inspect = vi.fn((_input: object) => ({
    found: [],
    broken: [],
    unread: [{ path: 'org/saes/5.pt', bytes: 3e6 }],
    more: false,
  }))
  const importFolder = vi.fn((_input: object) => ({ job: 'j-imp22222', id: 's-new22222' }))
  const catalogue = () => [
    {
      release: 'gpt2-small-res-jb',
      repo: 'org/saes',
      model: 'gpt2-small',
      saes: [{ id: 'blocks.5', path: 'org/saes/5', set: { scale: '2' } }],
    },
    {
      release: 'gemma-scope',
      repo: 'google/gemma',
      model: 'gemma-2-2b',
      saes: [{ id: 'a', path: 'b', set: {} }],
    },
  ]
  await openWindow('/home?add=sae', { answers: { saes: { catalogue, inspect, importFolder } } })
  await page.getByRole('radio', { name: 'Catalogue' }).click({ force: true })
  await page.getByRole('textbox', { name: 'Release' }).fill('gpt2')
  await page.getByRole('radio', { name: /gpt2-small-res-jb/ }).click()
  await page.getByRole('combobox', { name: 'SAE' }).selectOptions('blocks.5')
  await expect.poll(() => inspect.mock.lastCall?.[0]).toEqual({ path: 'org/saes/5', set: { scale: '2' } })
  await page.getByRole('button', { name: 'download 3.0 MB and import' }).click()
  await expect
    .poll(() => importFolder.mock.lastCall?.[0])
    .toEqual({ path: 'org/saes/5.pt', set: { scale: '2' } })
})
