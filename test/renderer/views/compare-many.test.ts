import { describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { problem } from '#contract/problem.ts'
import { pairSaid } from '#contract/report-matrix.ts'
import { settings } from '../../../src-renderer/state/settings.svelte.ts'
import { expectAccessible } from '../accessible.ts'
import type { Answers } from '../fake-engine.ts'
import { fakeWorkspace } from '../fake-workspace.ts'
import { openWindow } from '../window.ts'
import { fakeNumbers, fakeReport } from './fake-report.ts'

const have = fakeWorkspace()
const saes = have.saes.slice(0, 4)
const report = fakeReport(saes)
const numbers = fakeNumbers(saes)
const answers = (some: Answers = {}): Answers => ({
  ...some,
  reports: {
    list: () => [report],
    get: () => report,
    numbers: () => numbers,
    ...some.reports,
  },
})
const REPORT = `/compare/many/${report.id}`

describe('choosing SAEs', () => {
  test('filters, chooses all that are shown, marks a baseline, and asks for the report', async () => {
    let asked: unknown
    const one = answers({
      reports: {
        create: (request) => {
          asked = request
          return { id: report.id, job: 'j-report11' }
        },
      },
    })
    await openWindow('/compare/many', { have: fakeWorkspace(), answers: one })
    const compare = page.getByRole('button', { name: 'Compare', exact: true })
    await expect.element(compare).toBeDisabled()
    await page.getByLabelText('Name has').fill(saes[0].name)
    await page.getByRole('button', { name: /^Choose all/ }).click()
    await page.getByLabelText('Name has').fill('')
    await page.getByRole('checkbox', { name: `${saes[1].name} is a baseline` }).click()
    await expect.element(page.getByRole('checkbox', { name: `Choose ${saes[1].name}` })).toBeChecked()
    await page.getByRole('button', { name: 'Compare 2 SAEs' }).click()
    await expect.element(page.getByText('Mean max cosine: row looked for in column')).toBeVisible()
    expect(asked).toMatchObject({
      saeIds: [saes[0].id, saes[1].id],
      baselineIds: [saes[1].id],
      activationSetIds: ['a-resid2aa'],
      tokens: 10_000,
      skipPosition0: true,
    })
  })

  test('works with the keyboard: arrows, Enter, b', async () => {
    await openWindow('/compare/many', { have: fakeWorkspace(), answers: answers() })
    const list = page.getByRole('grid', { name: 'SAEs to choose from' })
    await expect.element(list).toBeVisible()
    ;(list.element() as HTMLElement).focus()
    await userEvent.keyboard('{ArrowDown}{Enter}{ArrowDown}b')
    await expect.element(page.getByText(/^2 of \d+ chosen/)).toBeVisible()
    await expect.element(page.getByRole('button', { name: 'Compare 2 SAEs' })).toBeEnabled()
  })
})

describe('a report', () => {
  test('shows its matrix, what chance gives, and its pairs by keyboard', async () => {
    let asked: unknown
    const some = answers({
      compare: {
        list: () => [],
        create: (request) => {
          asked = request
          throw problem('unsupported', 'test', 'nothing is compared here')
        },
      },
    })
    await openWindow(REPORT, { have: fakeWorkspace(), answers: some })
    await expect.element(page.getByText('Mean max cosine: row looked for in column')).toBeVisible()
    const cell = page.getByRole('button', { name: /Arrow keys move/ })
    await expect
      .element(cell)
      .toHaveAttribute('aria-label', expect.stringContaining(pairSaid(numbers, 'mcs', 0, 1)))
    ;(cell.element() as SVGElement).focus()
    await userEvent.keyboard('{ArrowRight}{Enter}')
    await expect.element(page.getByText(/nothing is compared here/)).toBeVisible()
    expect(asked).toMatchObject({ aId: saes[0].id, bId: saes[2].id })
    await page.getByText('max correlation', { exact: true }).click()
    await page.getByText('random SAE', { exact: true }).first().click()
    await expect
      .element(page.getByText('Mean max correlation, baseline: row looked for in column'))
      .toBeVisible()
  })

  test('is saved as the page that the engine makes', async () => {
    const saved: string[] = []
    const some = answers({
      reports: { files: () => [{ kind: 'page', name: 'report.html', content: '<!doctype html>' }] },
    })
    await openWindow(REPORT, { have: fakeWorkspace(), answers: some })
    const click = HTMLAnchorElement.prototype.click
    HTMLAnchorElement.prototype.click = function () {
      saved.push(this.download)
    }
    try {
      await page.getByRole('button', { name: 'Save report' }).click()
      await expect.poll(() => saved).toEqual(['widths-and-a-layer.html'])
    } finally {
      HTMLAnchorElement.prototype.click = click
    }
  })

  test('that is not finished says so', async () => {
    const unfinished = { ...report, complete: false, tokens: null }
    await openWindow(REPORT, { answers: answers({ reports: { get: () => unfinished } }) })
    await expect.element(page.getByText('Not finished')).toBeVisible()
  })

  test('of directions alone has neither correlations nor densities', async () => {
    const bare = {
      ...numbers,
      ...{ tokens: null, skippedPosition0: null, sameIds: null },
      saes: numbers.saes.map((sae) => ({ ...sae, metrics: null, norms: null, density: null })),
      pearson: numbers.pearson.map((row) => row.map(() => null)),
      pearsonRandom: numbers.pearson.map((row) => row.map(() => null)),
    }
    await openWindow(REPORT, { answers: answers({ reports: { numbers: () => bare } }) })
    await expect.element(page.getByText('Mean max cosine: row looked for in column')).toBeVisible()
    expect(page.getByText('How often features fire').elements()).toHaveLength(0)
    expect(page.getByText('max correlation').elements()).toHaveLength(0)
  })
})

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each([
    ['/compare/many', 'Universality report'],
    [REPORT, 'How often features fire'],
  ])('%s has no finding and fits a small window', async (at, sign) => {
    settings.theme = theme
    await openWindow(at, { have: fakeWorkspace(), answers: answers(), width: 1024, height: 700 })
    await expect.element(page.getByText(sign).first()).toBeVisible()
    await expectAccessible()
    await expect.poll(() => document.documentElement.scrollWidth).toBeLessThanOrEqual(1024)
    await expect.poll(() => document.querySelector('main')!.scrollWidth).toBeLessThanOrEqual(1024)
  })
})
