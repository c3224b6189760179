import { describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { problem } from '#contract/problem.ts'
import { emptyWorkspace, fakeWorkspace } from '../fake-workspace.ts'
import { openWindow } from '../window.ts'

const button = (name: string | RegExp) => page.getByRole('button', { name })

describe('the workspace', () => {
  test('lists what there is, with numbers and what is under way', async () => {
    await openWindow('/home')
    const saes = page.getByRole('grid', { name: 'SAEs' })
    await expect.element(saes.getByText('topk 1024 k 32')).toBeVisible()
    await expect
      .element(page.getByRole('grid', { name: 'Activation sets' }).getByText('1,000,064'))
      .toBeVisible()
    await expect
      .element(page.getByRole('grid', { name: 'Activation sets' }).getByText('paused'))
      .toBeVisible()
    await expect.element(page.getByText('3.1 GB used, 210 GB free')).toBeVisible()
  })

  test('shows a thing beside the list, at its own address', async () => {
    await openWindow('/home')
    await page.getByRole('grid', { name: 'SAEs' }).getByText('topk 512 k 16').click()
    await expect.poll(() => location.hash).toBe('#/home/s-topk0002')
    await expect.element(page.getByText('100,000 tokens, position 0 left out')).toBeVisible()
    await expect
      .element(page.getByRole('link', { name: 'blocks.2.hook_resid_pre of tinystories' }))
      .toBeVisible()
    await button('Close').click()
    await expect.poll(() => location.hash).toBe('#/home')
  })

  test('shows what a thing was made from and what came from it, and leads there', async () => {
    await openWindow('/home/a-resid2aa')
    const inspector = page.getByRole('region', { name: 'blocks.2.hook_resid_pre of tinystories' })
    await expect.element(inspector.getByRole('link', { name: 'tinystories' })).toBeVisible()
    await inspector.getByRole('link', { name: 'topk 1024 k 32' }).first().click()
    await expect.poll(() => location.hash).toMatch(/^#\/home\/s-/)
  })

  test('lists training runs too, and leads to their screen', async () => {
    await openWindow('/home')
    const others = page.getByRole('grid', { name: 'Runs, indexes, comparisons, benches' })
    await others.getByRole('row').nth(1).click()
    await expect.poll(() => location.hash).toMatch(/^#\/home\/r-/)
    await page.getByRole('button', { name: 'Look at its curves' }).click()
    await expect.poll(() => location.hash).toMatch(/^#\/train\/r-/)
  })

  test('renames a thing', async () => {
    const have = await openWindow('/home/m-stories1')
    await page.getByLabelText('Name').fill('stories')
    await button('Rename').click()
    await expect
      .element(page.getByRole('grid', { name: 'Models' }).getByText('stories', { exact: true }))
      .toBeVisible()
    expect(have.models[0].name).toBe('stories')
  })

  test('says what goes with a thing before it is deleted', async () => {
    const have = await openWindow('/home/m-stories1')
    await button('Delete…').click()
    await expect.element(page.getByText(/would go with it/)).toBeVisible()
    await expect.element(page.getByText('Frees 256 MB', { exact: false })).toBeVisible()
    await button('Delete all 2').click()
    await expect.element(page.getByText('stories260K is deleted.')).toBeVisible()
    expect(have.models.map(({ id }) => id)).toEqual(['m-gpt2wiki'])
  })

  test('adds a model by its path; a folder that is none is refused in words, and what was typed stays', async () => {
    const have = fakeWorkspace()
    const add = vi.fn(({ folder }: { folder: string }) => {
      if (!folder.endsWith('gpt2-wiki'))
        throw problem('bad-file', folder, 'there is no config.json', 'Choose the folder that has it.')
      return have.models[1]
    })
    await openWindow('/home?add=model', { have, answers: { models: { add } } })
    await page.getByRole('combobox').fill('/home/ada/models/')
    await button('Add the model').click()
    await expect.element(page.getByText('there is no config.json')).toBeVisible()
    await expect.element(page.getByRole('combobox')).toHaveValue('/home/ada/models/')
    await page.getByRole('option', { name: 'gpt2-wiki' }).click()
    await button('Add the model').click()
    await expect.poll(() => location.hash).toBe('#/home/m-gpt2wiki')
    expect(add.mock.lastCall?.[0]).toEqual({
      folder: '/home/ada/models/gpt2-wiki',
      centerWritingWeights: false,
    })
  })

  test('imports an SAE after showing what is assumed of it, and lets a guess be put right', async () => {
    const have = fakeWorkspace()
    const inspect = vi.fn(() => have.findings)
    const importFolder = vi.fn((_input: object) => ({ job: 'j-import22', id: 's-topk0000' }))
    await openWindow('/home?add=sae', { have, answers: { saes: { inspect, importFolder } } })
    await page.getByRole('combobox').fill('/home/ada/saes/gemma')
    await button('Look inside').click()
    await expect.element(page.getByText('a guess')).toBeVisible()
    await button('Change BOS').click()
    await page.getByLabelText('BOS', { exact: true }).fill('none')
    await userEvent.keyboard('{Enter}')
    await expect
      .poll(() => inspect.mock.lastCall)
      .toEqual([{ path: '/home/ada/saes/gemma', set: { BOS: 'none' } }, expect.anything()])
    await button('Import').click()
    await expect
      .poll(() => importFolder.mock.lastCall?.[0])
      .toEqual({
        path: '/home/ada/saes/gemma/layer_5',
        format: 'gemma-scope',
        set: { BOS: 'none' },
      })
  })
})

test('jobs that are over are listed with how they ended, and can be cleared away', async () => {
  const forget = vi.fn(() => null)
  await openWindow('/home', { answers: { jobs: { forget } } })
  const past = page.getByRole('grid', { name: 'Past jobs' })
  await expect.element(past.getByText('2 min 6 s')).toBeVisible()
  await button('Clear').click()
  await expect.element(past).not.toBeInTheDocument()
  expect(forget).toHaveBeenCalledTimes(2)
})

describe('an empty workspace', () => {
  test('says the next step and offers it', async () => {
    await openWindow('/home', { have: emptyWorkspace() })
    await expect.element(page.getByText('This workspace is empty')).toBeVisible()
    await button('Add a model').click()
    await expect.element(page.getByLabelText('Folder of the model')).toBeVisible()
  })

  test('prepares the demo on one click', async () => {
    const prepare = vi.fn(() => ({ job: null }))
    await openWindow('/home', { have: emptyWorkspace(), answers: { demo: { prepare } } })
    await button('Prepare it').click()
    await expect.poll(() => prepare.mock.calls.length).toBe(1)
  })
})

describe('jobs', () => {
  test('are one line each, with what can be done to them', async () => {
    const resume = vi.fn(() => null)
    await openWindow('/home', { answers: { jobs: { resume } } })
    const tray = page.getByRole('region', { name: 'Jobs' })
    await expect.element(tray.getByText('Train 6 SAEs on blocks.2.hook_resid_pre')).toBeVisible()
    await expect.element(tray.getByText('61k tokens/s')).toBeVisible()
    await expect.element(tray.getByText('49 s left')).toBeVisible()
    await expect.element(tray.getByText(/16,383 expected/)).toBeVisible()
    await tray.getByRole('button', { name: 'Resume' }).last().click()
    await expect.poll(() => resume.mock.calls[0]).toEqual([{ id: 'j-harvest1' }, expect.anything()])
  })
})
