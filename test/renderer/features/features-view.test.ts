import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { route } from '../../../src-renderer/state/route.svelte.ts'
import { settings } from '../../../src-renderer/state/settings.svelte.ts'
import { expectAccessible } from '../accessible.ts'
import type { Answers } from '../fake-engine.ts'
import { emptyWorkspace, fakeWorkspace } from '../fake-workspace.ts'
import { openWindow } from '../window.ts'
import { featureAnswers, fakeFeatures, type FakeFeatures } from './fake-feature-engine.ts'
import { fakeLabel } from './fake-features.ts'

const SAE = 's-topk0000'
let have: FakeFeatures
beforeEach(() => (have = fakeFeatures()))

async function open(
  at: string,
  answers: Answers = featureAnswers(have),
  workspace = fakeWorkspace(),
): Promise<void> {
  await openWindow(at, { have: workspace, answers, width: 1280, height: 900 })
}
const numbers = (): number[] =>
  [
    ...document.querySelectorAll('[role=grid][aria-label=Features] [role=row] [role=gridcell]:first-child'),
  ].map((cell) => Number(cell.textContent))
const byDensity = (): number[] => {
  const { count } = have.table
  return [...count.keys()].sort((a, b) => count[b] - count[a] || a - b)
}

describe('the list of features', () => {
  test('begins with the densest, and sorts by a column when its heading is clicked', async () => {
    await open(`/sae/${SAE}/features`)
    await expect.element(page.getByText('256 of 256 features')).toBeVisible()
    await expect.poll(() => numbers().slice(0, 5)).toEqual(byDensity().slice(0, 5))
    await page.getByRole('button', { name: 'max' }).click()
    const { max } = have.table
    const byMax = [...max.keys()].sort((a, b) => max[b] - max[a])
    await expect.poll(() => numbers().slice(0, 5)).toEqual(byMax.slice(0, 5))
    expect(location.hash).toContain('sort=max.down')
  })

  test('shows only those that pass the filters, which stand in the address', async () => {
    await open(`/sae/${SAE}/features?show=dead`)
    await expect.element(page.getByText('1 of 256 features')).toBeVisible()
    await expect.poll(numbers).toEqual([3])
    await page.getByLabelText('Which features').selectOptions('All features')
    await page.getByLabelText('Search labels', { exact: false }).fill('17')
    await expect.poll(numbers).toEqual([17])
  })

  test('says when nothing passes, and offers the way back', async () => {
    await open(`/sae/${SAE}/features?show=starred`)
    await expect.element(page.getByText('No feature passes these filters')).toBeVisible()
    await page.getByRole('button', { name: 'Show all' }).click()
    await expect.element(page.getByText('256 of 256 features')).toBeVisible()
  })

  test('finds words in labels', async () => {
    have.labels.set(20, fakeLabel(20, { label: 'weekdays' }))
    await open(`/sae/${SAE}/features`)
    await page.getByLabelText('Search labels', { exact: false }).fill('week')
    await expect.poll(numbers).toEqual([20])
    await expect.element(page.getByRole('grid', { name: 'Features' }).getByText('weekdays')).toBeVisible()
  })
})

describe('the page of a feature', () => {
  test('shows its numbers, its examples shaded, and what it promotes', async () => {
    await open(`/sae/${SAE}/feature/1`)
    const article = page.getByRole('article', { name: 'Feature 1' })
    await expect.element(article.getByText('density')).toBeVisible()
    await expect.element(article.getByText('·park')).toBeVisible()
    await expect.poll(() => document.querySelectorAll('article li .tokens').length).toBe(3)
    const full = document.querySelector<HTMLElement>('article .token.mark')!
    expect(full.style.getPropertyValue('--amount')).toBe('100%')
  })

  test('has examples of each interval, with its share', async () => {
    await open(`/sae/${SAE}/feature/1`)
    await page.getByText('By interval').click()
    await expect.element(page.getByText('3 tokens, 50 %').first()).toBeVisible()
  })

  test('the next and the previous of the list are read ahead, and shown from memory', async () => {
    const answers = featureAnswers(have)
    const read: number[] = []
    const { page: answer } = answers.features!
    answers.features!.page = (asked, signal) => (read.push(asked.feature), answer!(asked, signal))
    const order = byDensity()
    await open(`/sae/${SAE}/feature/${order[4]}`, answers)
    await expect.element(page.getByText('·park')).toBeVisible()
    await expect
      .poll(() => read.toSorted((a, b) => a - b))
      .toEqual(order.slice(3, 6).toSorted((a, b) => a - b))
    await userEvent.keyboard('j')
    await expect.element(page.getByRole('article', { name: `Feature ${order[5]}` })).toBeVisible()
    await expect.poll(() => read.length).toBe(4)
    expect(read.at(-1)).toBe(order[6])
  })

  test('while the first is on its way, says where its parts will be', async () => {
    const answers = featureAnswers(have)
    const { page: answer } = answers.features!
    const held = Promise.withResolvers<void>()
    answers.features!.page = async (asked, signal) => (await held.promise, answer!(asked, signal))
    await open(`/sae/${SAE}/feature/1`, answers)
    await expect.poll(() => document.querySelector('article .outline')).not.toBeNull()
    await expect
      .element(page.getByRole('article', { name: 'Feature 1' }))
      .toHaveAttribute('aria-busy', 'true')
    held.resolve()
    await expect.element(page.getByText('·park')).toBeVisible()
    expect(document.querySelector('article .outline')).toBeNull()
  })

  test('pales while the next one keeps a person waiting', async () => {
    const answers = featureAnswers(have)
    const { page: answer } = answers.features!
    const held = Promise.withResolvers<void>()
    answers.features!.page = async (asked, signal) => {
      if (asked.feature !== 1) await held.promise
      return answer!(asked, signal)
    }
    await open(`/sae/${SAE}/feature/1`, answers)
    await expect.element(page.getByText('·park')).toBeVisible()
    route.go(`/sae/${SAE}/feature/200`)
    await expect.poll(() => document.querySelector('article .body.late')).not.toBeNull()
    held.resolve()
    await expect.poll(() => document.querySelector('article .body.late')).toBeNull()
  })

  test('of a feature that never fired says so', async () => {
    await open(`/sae/${SAE}/feature/3`)
    await expect.element(page.getByText('It fires on none of these tokens', { exact: false })).toBeVisible()
  })

  test('of a number the SAE has not says which it has', async () => {
    await open(`/sae/${SAE}/feature/9999`)
    await expect.element(page.getByText('features 0 to 255', { exact: false })).toBeVisible()
  })

  test('shades a sentence as it is typed', async () => {
    await open(`/sae/${SAE}/feature/4`)
    await page.getByText('Try a sentence').click()
    await page.getByLabelText('Your own sentence').fill('she went home')
    await expect.element(page.getByText('strongest 1.30')).toBeVisible()
  })
})

describe('labelling by keyboard only', () => {
  test('j and k walk the list, l labels, t tags, s stars, x marks, undo takes back', async () => {
    await open(`/sae/${SAE}/features`)
    await expect.element(page.getByText('256 of 256 features')).toBeVisible()
    const order = byDensity()
    await userEvent.keyboard('j')
    await expect.poll(() => route.path).toBe(`/sae/${SAE}/feature/${order[0]}`)
    await userEvent.keyboard('jjk')
    await expect.poll(() => route.path).toBe(`/sae/${SAE}/feature/${order[1]}`)
    const feature = order[1]
    await expect.element(page.getByLabelText(`Label of feature ${feature}`)).toBeVisible()
    await userEvent.keyboard('l')
    await userEvent.keyboard('park and play{Enter}')
    await expect.poll(() => have.labels.get(feature)?.label).toBe('park and play')
    await userEvent.keyboard('t')
    await userEvent.keyboard('places, verbs{Enter}')
    await expect.poll(() => have.labels.get(feature)?.tags).toEqual(['places', 'verbs'])
    await userEvent.keyboard('s')
    await expect.poll(() => have.labels.get(feature)?.starred).toBe(true)
    await userEvent.keyboard('x')
    await expect.poll(() => have.labels.get(feature)?.uninterpretable).toBe(true)
    await userEvent.keyboard('{Control>}z{/Control}')
    await expect.poll(() => have.labels.get(feature)?.uninterpretable).toBe(false)
    expect(have.labels.get(feature)).toMatchObject({ label: 'park and play', starred: true })
  })

  test('thirty features in a row', async () => {
    await open(`/sae/${SAE}/features?show=firing`)
    await expect.element(page.getByText('255 of 256 features')).toBeVisible()
    const order = byDensity().filter((feature) => feature !== 3)
    for (let i = 0; i < 30; i++) {
      await userEvent.keyboard('j')
      await expect.element(page.getByLabelText(`Label of feature ${order[i]}`)).toBeInTheDocument()
      await userEvent.keyboard('l')
      await userEvent.keyboard(`label ${i}{Enter}`)
    }
    await expect.poll(() => have.labels.size).toBe(30)
    expect(order.slice(0, 30).map((feature) => have.labels.get(feature)?.label)).toEqual(
      Array.from({ length: 30 }, (_, i) => `label ${i}`),
    )
  })

  test('Escape leaves a label as it was', async () => {
    await open(`/sae/${SAE}/feature/1`)
    await expect.element(page.getByLabelText('Label of feature 1')).toBeVisible()
    await userEvent.keyboard('l')
    await userEvent.keyboard('nonsense{Escape}')
    await expect.element(page.getByLabelText('Label of feature 1')).toHaveValue('')
    expect(have.edits).toEqual([])
  })
})

describe('finding features', () => {
  test('by a token', async () => {
    await open(`/sae/${SAE}/features?find=token`)
    await page.getByLabelText('Token or word').fill('dog')
    await page.getByRole('button', { name: 'Find' }).click()
    await expect.element(page.getByText('40 occurrences of', { exact: false })).toBeVisible()
    await page.getByRole('grid', { name: 'Features that fire on the token' }).getByText('75 %').click()
    await expect.poll(() => route.path).toBe(`/sae/${SAE}/feature/7`)
  })

  test('by a sentence, all of it or one token', async () => {
    await open(`/sae/${SAE}/features?find=sentence`)
    await page.getByLabelText('A text to run', { exact: false }).fill('he went home')
    const grid = page.getByRole('grid', { name: 'Features that fire in the text' })
    await expect.element(grid.getByText('·home')).toBeVisible()
    await expect.poll(() => grid.getByRole('row').elements().length).toBe(1 + 2) // "went" and "home" have four letters
    await page.getByRole('button', { name: '·he' }).click()
    await expect.poll(() => grid.getByRole('row').elements().length).toBe(1 + 1)
  })
})

describe('the map', () => {
  test('a line drawn around points keeps the list to their features', async () => {
    await open(`/sae/${SAE}/features?find=map`)
    await expect.element(page.getByText('4 features that fire', { exact: false })).toBeVisible()
    await expect.poll(() => document.querySelector('.chart rect.catch')).not.toBeNull()
    const area = document.querySelector<SVGRectElement>('.chart rect.catch')!
    const box = area.getBoundingClientRect()
    const pointer = (type: string, x: number, y: number): boolean =>
      area.dispatchEvent(
        new PointerEvent(type, { clientX: box.left + x, clientY: box.top + y, bubbles: true, pointerId: 1 }),
      )
    area.setPointerCapture = () => {} // made-up pointers cannot be captured
    const half = box.height / 2
    pointer('pointerdown', 1, 1)
    for (const [x, y] of [
      [box.width / 2, 1],
      [box.width - 1, 1],
      [box.width - 1, half],
      [box.width / 2, half],
      [1, half],
      [1, 2],
    ])
      // prettier-ignore
      pointer('pointermove', x, y)
    pointer('pointerup', 1, 1)
    await expect.element(page.getByText('2 chosen', { exact: false })).toBeVisible()
    await page.getByRole('button', { name: 'List them' }).click()
    await expect.poll(numbers).toHaveLength(2)
    await expect.poll(() => new Set(numbers())).toEqual(new Set([6, 7]))
  })
})

describe('two features', () => {
  test('stand side by side on the same tokens, and one leads back to one', async () => {
    await open(`/sae/${SAE}/feature/1?beside=${SAE}.2`)
    await expect.element(page.getByText('Features 1 and 2')).toBeVisible()
    await expect.poll(() => document.querySelectorAll('section[aria-label^="Strongest of"]').length).toBe(2)
    await page.getByRole('button', { name: 'Back to one feature' }).click()
    await expect.element(page.getByRole('article', { name: 'Feature 1' })).toBeVisible()
  })
})

describe('where there is nothing yet', () => {
  test('no SAE: train or import one', async () => {
    await open('/features', featureAnswers(have), emptyWorkspace())
    await expect.element(page.getByText('No SAE yet')).toBeVisible()
    await page.getByRole('button', { name: 'Train an SAE' }).click()
    await expect.poll(() => route.path).toBe('/train')
  })

  test('no index: choose activations, the likely ones first', async () => {
    const answers = featureAnswers(have)
    let asked: unknown
    const started = { job: 'j-index111', id: 'i-stories1' }
    await open(`/sae/${SAE}/features`, {
      ...answers,
      features: { ...answers.features, indexes: () => [], index: (request) => ((asked = request), started) },
    })
    await page.getByRole('button', { name: 'Index', exact: true }).click()
    await expect
      .poll(() => asked)
      .toMatchObject({
        saeId: SAE,
        activationSetId: 'a-resid2aa',
        settings: { skipPosition0: true, maxNormMultiple: null },
      })
  })
})

describe('accessibility', () => {
  for (const theme of ['light', 'dark'] as const)
    test(`axe finds nothing on the list and a feature's page, ${theme}`, async () => {
      have.labels.set(1, fakeLabel(1, { label: 'park', tags: ['places'], starred: true }))
      await open(`/sae/${SAE}/feature/1`)
      settings.theme = theme
      await expect.element(page.getByText('·park')).toBeVisible()
      await expect.element(page.getByText('0.910')).toBeInTheDocument()
      await expect.poll(() => document.querySelector('[role=row][aria-selected=true]')).not.toBeNull()
      await expectAccessible()
      settings.theme = 'light'
    })
})
