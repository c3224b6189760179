import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { guide } from '../../../src-renderer/state/guide.svelte.ts'
import { settings } from '../../../src-renderer/state/settings.svelte.ts'
import { expectAccessible } from '../accessible.ts'
import { emptyWorkspace } from '../fake-workspace.ts'
import { openWindow } from '../window.ts'
import { demoAnswers, preparing, wholeDemo } from './fake-demo.ts'

const strip = page.getByRole('region', { name: 'Guided path' })
beforeEach(() => guide.begin())

test('an empty workspace offers the demo in one click', async () => {
  let asked = 0
  const prepare = (): { job: null } => {
    asked++
    return { job: null }
  }
  await openWindow('/home', { have: emptyWorkspace(), answers: { demo: { prepare, state: () => null } } })
  await page.getByRole('button', { name: 'Prepare it' }).click()
  await expect.poll(() => asked).toBe(1)
})

test('a Demo workspace of an earlier demo model says so and is prepared anew only when asked', async () => {
  const asked: boolean[] = []
  const prepare = ({ anew }: { anew?: boolean }): { job: null } => {
    asked.push(anew === true)
    return { job: null }
  }
  const answers = demoAnswers({ ...wholeDemo(), outdated: true })
  await openWindow('/home', { answers: { ...answers, demo: { ...answers.demo, prepare } } })
  await expect.element(page.getByRole('button', { name: 'Prepare it anew' })).toBeVisible()
  expect(asked).toEqual([])
  await page.getByRole('button', { name: 'Prepare it anew' }).click()
  await expect.poll(() => asked).toEqual([true])
})

test('while it is prepared every stage says what it is for, and what is there can be opened', async () => {
  await openWindow('/home', preparing())
  const panel = page.getByRole('region', { name: 'Preparing the Demo workspace' })
  await expect.element(panel.getByRole('listitem').nth(6)).toBeVisible()
  await expect.element(panel.getByText('200,000 of 800,000 tokens')).toBeVisible()
  await expect.element(panel.getByRole('link', { name: 'The curves' })).toBeVisible()
  expect(panel.getByRole('link', { name: 'The comparison' }).query()).toBeNull()
  await expectAccessible()
})

test('the preparation can be skipped', async () => {
  let cancelled = 0
  const { have, answers } = preparing()
  const cancel = (): null => {
    cancelled++
    return null
  }
  await openWindow('/home', { have, answers: { ...answers, jobs: { cancel } } })
  await page.getByRole('button', { name: 'Skip the demo' }).click()
  await expect.poll(() => cancelled).toBe(1)
})

describe('the guided path', () => {
  test('leads to a feature by keyboard alone, and notices that one is there', async () => {
    await openWindow('/home', { answers: demoAnswers() })
    await expect.element(strip.getByText(/what a weekday is/)).toBeVisible()
    await userEvent.keyboard('gn')
    await expect.poll(() => location.hash).toBe('#/sae/s-topk0002/feature/477')
    await expect.element(strip.getByRole('button', { name: '1: Look at a feature, done' })).toBeVisible()
    await userEvent.keyboard('gn')
    await expect.poll(() => location.hash).toBe('#/compare/p-compare1')
    await expect.element(strip.getByText(/Drag the line in the histogram/)).toBeVisible()
  })

  test('is done with a step when the person did it: an error that rises is none', async () => {
    await openWindow('/home', { answers: demoAnswers() })
    await expect.element(strip).toBeVisible()
    guide.errorMoved(27.3, 27.4)
    expect(guide.isDone('stitch')).toBe(false)
    guide.errorMoved(27.4, 27.3)
    expect(guide.isDone('stitch')).toBe(true)
  })

  test('is skipped, stays away, and is walked again from Help', async () => {
    await openWindow('/help', { answers: demoAnswers() })
    await strip.getByRole('button', { name: 'Skip' }).click()
    await expect.element(strip).not.toBeInTheDocument()
    expect(localStorage.getItem('suture.guide')).toContain('"over":true')
    await page.getByRole('button', { name: 'Walk the guided path' }).click()
    await expect.element(strip).toBeVisible()
  })

  test('is not there in a workspace without the demo', async () => {
    await openWindow('/home')
    await expect.element(page.getByText('Activation sets')).toBeVisible()
    expect(strip.query()).toBeNull()
  })
})

describe('the table of concepts', () => {
  test('links each concept to the feature that finds it, of every SAE', async () => {
    await openWindow('/demo/concepts', { answers: demoAnswers() })
    const weekday = page.getByRole('row', { name: /^weekday/ })
    await expect.element(weekday.getByRole('link')).toHaveLength(3)
    await weekday.getByRole('link', { name: /^F1 0\.94 .*feature 477$/ }).click()
    await expect.poll(() => location.hash).toBe('#/sae/s-topk0002/feature/477')
  })

  test('says so where no feature fires on a concept, and where there is no demo', async () => {
    await openWindow('/demo/concepts', { answers: demoAnswers() })
    await expect.element(page.getByRole('row', { name: /^rude/ }).getByText('none fires')).toBeVisible()
    await openWindow('/demo/concepts', { answers: { demo: { state: () => null } } })
    await expect.element(page.getByText('No concepts to hold features against')).toBeVisible()
  })

  test.each(['light', 'dark'] as const)(
    'has no finding in the %s theme, with the path below it',
    async (theme) => {
      settings.theme = theme
      await openWindow('/demo/concepts', { answers: demoAnswers(), width: 1024, height: 700 })
      await expect.element(page.getByRole('row', { name: /^weekday/ })).toBeVisible()
      await expectAccessible()
    },
  )
})
