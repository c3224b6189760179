import { expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { FeatureLabel } from '#contract/label.ts'
import { guessAddable } from '../../../src-renderer/frame/drop.ts'
import { newsOf } from '../../../src-renderer/frame/job-news.ts'
import { matchScore } from '../../../src-renderer/frame/match-score.ts'
import { fakeWorkspace } from '../fake-workspace.ts'
import { expectAccessible } from '../accessible.ts'
import { openWindow } from '../window.ts'

const labelled = (feature: number, label: string): FeatureLabel => ({
  feature,
  label,
  notes: '',
  tags: [],
  starred: false,
  uninterpretable: false,
  confidence: null,
  author: 'ada',
  updatedAt: '2026-03-12T09:00:00.000Z',
})

test('the palette goes to a thing by a few letters of its name', async () => {
  await openWindow('/home')
  await expect.element(page.getByText('topk 1024 k 32')).toBeVisible()
  await userEvent.keyboard('{Control>}k{/Control}')
  await userEvent.keyboard('wiki par')
  await expect.element(page.getByRole('option')).toHaveTextContent('wikipedia paragraphs')
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => location.hash).toBe('#/home/c-wikipara')
})

test('the palette goes to a feature by its number, and by words of its label', async () => {
  const search = ({ saeId, text }: { saeId: string; text: string }) =>
    saeId === 's-topk0001' && 'weekday'.startsWith(text) ? [labelled(17, 'weekday')] : []
  await openWindow('/home', { answers: { labels: { search } } })
  await expect.element(page.getByText('topk 1024 k 32')).toBeVisible()
  await userEvent.keyboard('{Control>}k{/Control}')
  await userEvent.keyboard('weekd')
  await expect.element(page.getByRole('option', { name: /weekday · feature 17 of/ })).toBeVisible()
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => location.hash).toBe('#/sae/s-topk0001/feature/17')
  await userEvent.keyboard('{Control>}k{/Control}')
  await userEvent.keyboard('300')
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => location.hash).toMatch(/^#\/sae\/s-\w+\/feature\/300$/)
})

test('? shows the keys of the screen, and nothing under it hears a key', async () => {
  await openWindow('/home')
  await expect.element(page.getByText('topk 1024 k 32')).toBeVisible()
  await userEvent.keyboard('?')
  const sheet = page.getByRole('dialog', { name: 'Keys of this screen' })
  await expect.element(sheet.getByText('row before, row after')).toBeVisible()
  await expectAccessible()
  await userEvent.keyboard('gt')
  expect(location.hash).toBe('#/home')
  await userEvent.keyboard('?')
  await expect.element(sheet).not.toBeInTheDocument()
})

test('keys go to the screens, back and forward lead there again', async () => {
  await openWindow('/home')
  await userEvent.keyboard('gt')
  await expect.poll(() => location.hash).toBe('#/train')
  await userEvent.keyboard('ga')
  await expect.poll(() => location.hash).toBe('#/harvest')
  await page.getByRole('button', { name: 'Back' }).click()
  await expect.poll(() => location.hash).toBe('#/train')
  await page.getByRole('button', { name: 'Forward' }).click()
  await expect.poll(() => location.hash).toBe('#/harvest')
})

test('a room of the rail is left and found again as it was', async () => {
  await openWindow('/home/s-topk0001')
  await page.getByRole('link', { name: 'Train' }).click()
  await expect.poll(() => location.hash).toBe('#/train')
  await page.getByRole('link', { name: 'Home' }).click()
  await expect.poll(() => location.hash).toBe('#/home/s-topk0001')
})

test('an address that means nothing says so', async () => {
  await openWindow('/nowhere')
  await expect.element(page.getByText('There is nothing at this address')).toBeVisible()
})

test('the theme is switched and kept', async () => {
  await openWindow('/settings')
  await page.getByRole('radio', { name: 'Dark' }).click({ force: true })
  await expect.poll(() => document.documentElement.dataset['theme']).toBe('dark')
  expect(localStorage.getItem('suture.settings')).toContain('"theme":"dark"')
  await page.getByRole('radio', { name: 'As the system' }).click({ force: true })
})

test('a failure of something one did is a notice with “try again”', async () => {
  let broken = true
  const pause = vi.fn(() => {
    if (broken) throw new Error('the thread is stuck')
    return null
  })
  await openWindow('/home', { answers: { jobs: { pause } } })
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect.element(page.getByRole('alert').getByText('the thread is stuck')).toBeVisible()
  broken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect.element(page.getByRole('alert')).not.toBeInTheDocument()
  expect(pause).toHaveBeenCalledTimes(2)
})

test('help has every word and every key', async () => {
  await openWindow('/help')
  await page.getByLabelText('Find a word').fill('novel')
  await expect.element(page.getByText('A has nothing like it', { exact: false })).toBeVisible()
  await expect.element(page.getByText('explained variance')).not.toBeInTheDocument()
  await expect.element(page.getByText('Ctrl K').last()).toBeVisible()
})

test('what is dropped is told by its name, and a folder by what is in it', () => {
  expect(guessAddable(['/a/stories.txt', '/a/more.jsonl'], [])).toBe('corpus')
  expect(guessAddable(['/a/ae.pt'], [])).toBe('sae')
  expect(guessAddable(['/a/gpt2'], ['config.json', 'model.safetensors', 'tokenizer.json'])).toBe('model')
  expect(guessAddable(['/a/layer_5'], ['cfg.json', 'sae_weights.safetensors'])).toBe('sae')
  expect(guessAddable(['/a/picture.png'], [])).toBeNull()
})

test('only long jobs that ended by themselves are news', () => {
  const [running] = fakeWorkspace().jobs
  const ended = {
    ...running,
    state: 'done' as const,
    startedAt: '2026-03-12T09:00:00.000Z',
    endedAt: '2026-03-12T09:05:00.000Z',
  }
  expect(newsOf(ended, running)).toEqual({ title: 'Done', body: running.title })
  expect(newsOf({ ...ended, endedAt: '2026-03-12T09:00:02.000Z' }, running)).toBeNull()
  expect(newsOf({ ...ended, state: 'cancelled' }, running)).toBeNull()
  expect(newsOf(ended, undefined)).toBeNull()
})

test('the palette ranks the beginning of a name above its inside, and needs every word', () => {
  const score = (typed: string): number => matchScore(typed, ['Add a model', 'hugging face'])
  expect(score('add')).toBe(1)
  expect(score('mod')).toBeLessThan(score('add'))
  expect(score('odel')).toBeLessThan(score('mod'))
  expect(score('hug')).toBeLessThan(score('odel'))
  expect(score('add corpus')).toBe(0)
})
