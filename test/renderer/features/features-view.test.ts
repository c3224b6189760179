import axe from 'axe-core'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import '../../../src-renderer/theme.css'
import '../../../src-renderer/controls.css'
import { commands } from '../../../src-renderer/state/commands.svelte.ts'
import { connection } from '../../../src-renderer/state/connection.svelte.ts'
import { jobs } from '../../../src-renderer/state/jobs.svelte.ts'
import { route } from '../../../src-renderer/state/route.svelte.ts'
import { things } from '../../../src-renderer/state/things.svelte.ts'
import ViewHolder from '../../../src-renderer/frame/ViewHolder.svelte'
import { startFakeEngine } from '../fake-engine.ts'
import { emptyWorkspace, fakeWorkspace, type FakeWorkspace } from '../fake-workspace.ts'
import { featureAnswers, fakeFeatures, type FakeFeatures } from './fake-feature-engine.ts'
import { fakeLabel } from './fake-features.ts'

const SAE = 's-topk0000'
let have: FakeFeatures
let endRoute: () => void
const onKeydown = (event: KeyboardEvent): void => commands.onKeydown(event)

beforeAll(() => {
  connection.start()
  jobs.start()
  things.start()
  document.documentElement.dataset['theme'] = 'light'
  window.addEventListener('keydown', onKeydown)
})
beforeEach(() => {
  have = fakeFeatures()
  history.replaceState(null, '', '#/home')
  endRoute = route.start()
})
afterEach(() => endRoute())

async function open(path: string, workspace: FakeWorkspace = fakeWorkspace()): Promise<void> {
  startFakeEngine(workspace, featureAnswers(have))
  await expect.poll(() => things.known).toBe(true)
  const [where, search = ''] = path.split('?')
  route.go(where, Object.fromEntries(new URLSearchParams(search)))
  await page.viewport(1280, 900)
  const { container } = await render(ViewHolder)
  Object.assign((container as HTMLElement).style, { display: 'flex', height: '880px' })
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
    expect(numbers().slice(0, 5)).toEqual(byDensity().slice(0, 5))
    await page.getByRole('button', { name: 'Max' }).click()
    const { max } = have.table
    const byMax = [...max.keys()].sort((a, b) => max[b] - max[a])
    await expect.poll(() => numbers().slice(0, 5)).toEqual(byMax.slice(0, 5))
    expect(location.hash).toContain('sort=max.down')
  })

  test('shows only those that pass the filters, which stand in the address', async () => {
    await open(`/sae/${SAE}/features?show=dead`)
    await expect.element(page.getByText('1 of 256 features')).toBeVisible()
    expect(numbers()).toEqual([3])
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
    expect(document.querySelectorAll('article li .tokens')).toHaveLength(3)
    const full = document.querySelector<HTMLElement>('article .token.mark')!
    expect(full.style.getPropertyValue('--amount')).toBe('100%')
  })

  test('has examples of each interval, with its share', async () => {
    await open(`/sae/${SAE}/feature/1`)
    await page.getByText('By interval').click()
    await expect.element(page.getByText('3 tokens, 50 %').first()).toBeVisible()
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
    expect(grid.getByRole('row').elements()).toHaveLength(1 + 2) // "went" and "home" have four letters
    await page.getByRole('button', { name: '·he' }).click()
    await expect.poll(() => grid.getByRole('row').elements().length).toBe(1 + 1)
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
    await open('/features', emptyWorkspace())
    await expect.element(page.getByText('No SAE yet')).toBeVisible()
    await page.getByRole('button', { name: 'Train an SAE' }).click()
    expect(route.path).toBe('/train')
  })

  test('no index: choose activations, the likely ones first', async () => {
    startFakeEngine()
    have = { ...fakeFeatures() }
    const answers = featureAnswers(have)
    let asked: unknown
    startFakeEngine(fakeWorkspace(), {
      ...answers,
      features: {
        ...answers.features,
        indexes: () => [],
        index: (request) => ((asked = request), { job: 'j-index111', id: 'i-stories1' }),
      },
    })
    await expect.poll(() => things.known).toBe(true)
    route.go(`/sae/${SAE}/features`)
    await render(ViewHolder)
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
  for (const theme of ['light', 'dark'])
    test(`axe finds nothing serious on a feature's page, ${theme}`, async () => {
      document.documentElement.dataset['theme'] = theme
      have.labels.set(1, fakeLabel(1, { label: 'park', tags: ['places'], starred: true }))
      await open(`/sae/${SAE}/feature/1?find=list`)
      await expect.element(page.getByText('·park')).toBeVisible()
      await expect.poll(() => document.querySelector('[role=row][aria-selected=true]')).not.toBeNull()
      const { violations } = await axe.run(document.body, { resultTypes: ['violations'] })
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(' | ')}`)).toEqual([])
      document.documentElement.dataset['theme'] = 'light'
    })
})
