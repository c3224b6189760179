import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { settings } from '../../../src-renderer/state/settings.svelte.ts'
import { expectAccessible } from '../accessible.ts'
import type { Answers } from '../fake-engine.ts'
import { openWindow } from '../window.ts'
import {
  compareAnswers,
  comparedWorkspace,
  fakeArrays,
  fakeComparison,
  fakeJob,
  fakeMatching,
  PAIR,
} from './fake-comparison.ts'

const open = (query = '', some: Answers['compare'] = {}, size = {}) =>
  openWindow(`/compare/${PAIR}${query}`, {
    have: comparedWorkspace(),
    answers: compareAnswers(some),
    ...size,
  })
const text = (words: string | RegExp) => page.getByText(words).first()

beforeEach(() => {
  settings.theme = 'light'
})

describe('the start of Compare', () => {
  test('leads three ways, and says which one is shown', async () => {
    await openWindow('/compare', { have: comparedWorkspace(), answers: compareAnswers() })
    const ways = page.getByRole('navigation', { name: 'Ways to compare' })
    await expect.element(ways.getByRole('link', { name: 'Two SAEs' })).toHaveAttribute('aria-current', 'page')
    await expect
      .element(ways.getByRole('link', { name: 'Many SAEs' }))
      .toHaveAttribute('href', '#/compare/many')
    await ways.getByRole('link', { name: 'Splitting' }).click()
    await expect.poll(() => location.hash).toBe('#/compare/splitting')
  })

  test('asks for what was chosen: masked cosine, and activations of B over the same tokens', async () => {
    const have = comparedWorkspace()
    const second = {
      ...have.activations[0],
      id: 'a-resid3aa',
      name: 'another hook',
    } as (typeof have.activations)[0]
    have.activations = [have.activations[0], second]
    let asked: unknown
    const create = (request: unknown) => ((asked = request), { id: PAIR, job: null })
    await openWindow('/compare', { have, answers: compareAnswers({ create }) })
    await page.getByLabelText('A', { exact: true }).selectOptions('topk 8 · 8 features')
    await page.getByLabelText('B', { exact: true }).selectOptions('topk 16 · 16 features')
    await page.getByLabelText('Activations', { exact: true }).selectOptions(have.activations[0].name)
    await page.getByLabelText('Activations of B').selectOptions('another hook')
    await page.getByLabelText(/Masked activation cosine/).click()
    await page.getByRole('button', { name: 'Compare', exact: true }).click()
    await expect
      .poll(() => asked)
      .toMatchObject({
        evaluation: { activationSetId: 'a-resid2aa' },
        bActivationSetId: 'a-resid3aa',
        maskedCosine: true,
      })
  })

  test('says why two sets cannot be laid side by side, and does not begin', async () => {
    const have = comparedWorkspace()
    const second = {
      ...have.activations[0],
      id: 'a-resid3aa',
      name: 'other text',
    } as (typeof have.activations)[0]
    have.activations = [have.activations[0], second]
    const why = { code: 'mismatch', subject: 'other text', message: 'token 17 is 49, in "x" it is 17' }
    await openWindow('/compare', { have, answers: compareAnswers({ otherTokens: () => why }) })
    await page.getByLabelText('A', { exact: true }).selectOptions('topk 8 · 8 features')
    await page.getByLabelText('B', { exact: true }).selectOptions('topk 16 · 16 features')
    await page.getByLabelText('Activations', { exact: true }).selectOptions(have.activations[0].name)
    await page.getByLabelText('Activations of B').selectOptions('other text')
    await expect.element(text(/not the same tokens.*token 17 is 49/)).toBeVisible()
    await expect.element(page.getByRole('button', { name: 'Compare', exact: true })).toBeDisabled()
  })
})

describe('a comparison', () => {
  test('is seen both ways; counts of both follow the threshold', async () => {
    await open('?t=0.50')
    // 0.3 + 0.7 (j + 1) / 16 ≤ 0.5 for the first 4 of B, / 8 for the first 2 of A
    await expect.element(text('4 novel')).toBeVisible()
    await expect.element(text(/of A: 2 not in B, 6 found again/)).toBeVisible()
    await page.getByText('A in B').click()
    await expect.element(page.getByRole('group', { name: /Largest cosine, A in B/ })).toBeVisible()
    await page.getByRole('slider', { name: /Threshold between/ }).click()
    await userEvent.keyboard('{End}')
    await expect.element(text('16 novel')).toBeVisible()
  })

  test('draws the sizes of components, and a click in the graph reads two features side by side', async () => {
    await open()
    await expect.element(page.getByRole('img', { name: /Component sizes/ })).toBeVisible()
    await page.getByRole('button', { name: 'Feature 15 of B' }).click()
    const pair = page.getByRole('region', { name: 'The two selected features' })
    await expect.element(pair.getByText('B 15')).toBeVisible()
    await expect.element(pair.getByText('A 7')).toBeVisible()
    await expect.element(pair.getByText('Strongest of B')).toBeVisible()
    await pair.getByRole('button', { name: 'Open both' }).click()
    await expect.poll(() => location.hash).toContain('beside=s-topk0002.15')
  })

  test('is saved as JSON: what the command line prints', async () => {
    await open()
    await page.getByRole('button', { name: /Comparison of .*: save/ }).click()
    let saved: Blob | undefined
    const make = URL.createObjectURL
    URL.createObjectURL = (blob: Blob) => ((saved = blob), make(blob))
    await page.getByRole('menuitem', { name: /JSON/ }).click()
    await expect.poll(() => saved).toBeDefined()
    URL.createObjectURL = make
    const report = JSON.parse(await saved!.text())
    expect(report.counts).toEqual({ novel: 9, reconstruction: 7 })
    expect(report.maxCosine.bToA).toHaveLength(16)
    expect(report.argmax.aToB).toHaveLength(8)
    expect(report.mcs).toEqual({ aToB: 0.69, bToA: 0.67 })
    expect(report.table.novel.falls).toBe(8)
    expect(report.components.list.length).toBe(report.components.count)
  })

  test('same tokens: correlation with what chance gives, against the cosine, or masked', async () => {
    await open('?show=correlation')
    await expect.element(page.getByRole('img', { name: /Largest correlation, B in A/ })).toBeVisible()
    await expect.element(text('tokens shuffled')).toBeVisible()
    await page.getByText('masked cosine', { exact: true }).click()
    await expect.element(page.getByRole('img', { name: /Cosine against masked cosine/ })).toBeVisible()
  })

  test('without cosines everything follows the correlation', async () => {
    const comparison = { ...fakeComparison(PAIR, 0, 1), cosine: null }
    await open('', { get: () => comparison, arrays: () => ({ ...fakeArrays(8, 16), cosine: null }) })
    await expect.element(page.getByRole('group', { name: /Largest correlation, B in A/ })).toBeVisible()
    await expect.element(page.getByRole('columnheader', { name: 'max corr' }).first()).toBeVisible()
    await expect.element(page.getByRole('button', { name: 'Feature 15 of B' })).toBeVisible()
  })
})

describe('one-to-one matching', () => {
  test('is worked out when asked, and its progress is shown', async () => {
    let asked: unknown
    await open('?show=matching', {
      findMatching: (input: unknown) => ((asked = input), { job: 'j-further1' }),
    })
    await page.getByRole('button', { name: 'Match one-to-one' }).click()
    await expect.poll(() => asked).toEqual({ id: PAIR, by: 'cosine' })
  })

  test('shows how far the work is', async () => {
    const have = comparedWorkspace()
    have.jobs = [fakeJob({ task: 'match', by: 'cosine', comparisonId: PAIR })]
    await openWindow(`/compare/${PAIR}?show=matching`, { have, answers: compareAnswers() })
    await expect.element(text(/matching 3 \/ 8 features/)).toBeVisible()
  })

  test('lists the pairs beside what chance matches, and selects both', async () => {
    await open('?show=matching', { matching: () => fakeMatching(false) })
    await expect.element(text(/mean cosine of 7 pairs/)).toBeVisible()
    await expect.element(text(/0\.250 by chance: random directions/)).toBeVisible()
    await expect.element(text(/Only the 10 best candidates of each feature/)).toBeVisible()
    await expect.element(text(/1 of A and 9 of B stay alone/)).toBeVisible()
    const pairs = page.getByRole('grid', { name: 'Matched pairs' })
    await pairs.getByRole('row').nth(7).click()
    await expect
      .element(page.getByRole('region', { name: 'The two selected features' }).getByText('A 0'))
      .toBeVisible()
    await expect.poll(() => location.hash).toContain('b=1')
  })
})

test('what is chance is named in full in a small window', async () => {
  await open('?show=matching', { matching: () => fakeMatching() }, { width: 1024, height: 700 })
  await expect.poll(() => document.querySelector('.behind-name')?.textContent).toBe('random')
  const name = document.querySelector<HTMLElement>('.behind-name')!
  const box = name.closest<HTMLElement>('.aside')!
  expect(name.getBoundingClientRect().right).toBeLessThanOrEqual(box.getBoundingClientRect().right + 0.5)
  expect(name.scrollWidth).toBeLessThanOrEqual(name.clientWidth + 1)
})

test('a sparse map lists what each feature is made of', async () => {
  const sparseMap = () => ({
    kind: 'lasso',
    penalty: 0.05,
    evaluatedOn: { activationSetId: 'a-resid2aa', tokens: 10_000, skippedPosition0: true },
    candidates: 2,
    r2: Float32Array.from({ length: 16 }, (_, j) => (j === 0 ? NaN : j / 16)),
    nonZeros: Int32Array.from({ length: 16 }, (_, j) => (j % 2) + 1),
    predictor: Int32Array.from({ length: 32 }, (_, n) => (n % 2 ? -1 : (n / 2) % 8)),
    weight: Float32Array.from({ length: 32 }, () => 0.5),
    meanR2: 0.5,
  })
  await open('?show=sparse', { sparseMap }, { width: 1024, height: 700 })
  await expect.element(text(/1 feature of B does not vary/)).toBeVisible()
  await page
    .getByRole('grid', { name: 'Features of B as made of features of A' })
    .getByRole('row')
    .nth(1)
    .click()
  await expect
    .element(page.getByLabelText('Predictors of feature 15 of B'))
    .toHaveTextContent('B 15 = 0.500 × 7')
  const boxOf = (name: RegExp): DOMRect =>
    page.getByRole('button', { name }).first().element().getBoundingClientRect()
  const [fit, save] = [boxOf(/^Fit again/), boxOf(/^Sparse map from A to B: save/)]
  expect(save.top).toBe(fit.top) // one line, also in a small window
})

test('a map of both SAEs selects what is clicked, and is coloured by novelty', async () => {
  await open('?show=map')
  await expect.element(page.getByRole('img', { name: /Map of both SAEs/ })).toBeVisible()
  await page.getByText('novelty', { exact: true }).click()
  await expect.element(text('reconstruction in B')).toBeVisible()
})

test.each([
  ['', 'Component sizes'],
  ['?show=correlation', 'Cosine against correlation'],
  ['?show=matching', /mean cosine/],
  ['?show=sparse', /How well do the activations/],
  ['?show=map', 'Map of both SAEs'],
])('%s has no finding and fits a small window', async (query, sign) => {
  for (const theme of ['light', 'dark'] as const) {
    settings.theme = theme
    await open(query, { matching: () => fakeMatching() }, { width: 1024, height: 700 })
    await expect.element(text(sign)).toBeVisible()
    await expectAccessible()
  }
  await expect.poll(() => document.documentElement.scrollWidth).toBeLessThanOrEqual(1024)
  await expect.poll(() => document.querySelector('main')!.scrollWidth).toBeLessThanOrEqual(1024)
})
