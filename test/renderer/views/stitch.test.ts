import { describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import type { StitchId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { settings } from '../../../src-renderer/state/settings.svelte.ts'
import { addEdit } from '../../../src-renderer/views/stitch/candidates.ts'
import { expectAccessible } from '../accessible.ts'
import { startFakeEngine } from '../fake-engine.ts'
import { fakeWorkspace } from '../fake-workspace.ts'
import { openWindow } from '../window.ts'
import { fakeBench } from './fake-bench.ts'

const AT = '/stitch/t-bench001'
interface How {
  width?: number
  height?: number
  fake?: ReturnType<typeof fakeBench>
}
async function openBench(at = AT, { fake = fakeBench(), ...size }: How = {}) {
  settings.lossAfterDrops = true
  await openWindow(at, { answers: fake.answers, ...size })
  await expect.element(page.getByRole('grid', { name: 'Features of B' })).toBeVisible()
  return fake.asked
}
const shown = (row: string, column: string): string =>
  document.querySelector(`tr.${row} .${column}`)?.textContent?.trim() ?? ''
const rowOfB = (n: number) => page.getByRole('grid', { name: 'Features of B' }).getByRole('row').nth(n)

describe('the bench', () => {
  test('shows what adding a picked feature gives, does it with a, and takes it back with z', async () => {
    await openBench()
    expect(shown('MSE', 'now')).toBe('10')
    await rowOfB(1).click() // the one that lowers the error most: 0, by 0.5
    await expect.poll(() => shown('MSE', 'after')).toBe('9.5000')
    await expect.poll(() => shown('over-predicted', 'after')).toBe('2')
    await userEvent.keyboard('a')
    await expect.poll(() => shown('MSE', 'now')).toBe('9.5000')
    expect(shown('features', 'now')).toBe('5')
    await userEvent.keyboard('z')
    await expect.poll(() => shown('MSE', 'now')).toBe('10')
  })

  test('a drop whose reading fails stands; what is tried again is the reading alone', async () => {
    const fake = fakeBench()
    const { effects, apply } = fake.answers.stitch!
    let [applied, fails] = [0, false]
    fake.answers.stitch!.apply = (input, signal) => {
      applied++
      fails = true
      return apply!(input, signal)
    }
    fake.answers.stitch!.effects = (input, signal) => {
      if (fails) throw problem('internal', 'bench', 'no effects today')
      return effects!(input, signal)
    }
    await openBench(AT, { fake })
    await rowOfB(1).click()
    await expect.poll(() => shown('MSE', 'after')).toBe('9.5000')
    await userEvent.keyboard('a')
    await expect.element(page.getByText('no effects today')).toBeVisible()
    expect(shown('MSE', 'now')).toBe('9.5000')
    await rowOfB(1).click() // what the list shows is of before; what hangs is asked of the engine
    await expect.poll(() => shown('MSE', 'after')).toBe('9.5000')
    fails = false
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => shown('over-predicted', 'now')).toBe('2')
    await expect.element(page.getByRole('button', { name: 'Undo' })).toBeEnabled()
    expect(applied).toBe(1)
  })

  test('a drop that the engine refuses leaves all as it was', async () => {
    const fake = fakeBench()
    fake.answers.stitch!.apply = () => {
      throw problem('internal', 'bench', 'the disk is full')
    }
    await openBench(AT, { fake })
    await rowOfB(1).click()
    await expect.poll(() => shown('MSE', 'after')).toBe('9.5000')
    await userEvent.keyboard('a')
    await expect.element(page.getByText('the disk is full')).toBeVisible()
    expect([shown('MSE', 'now'), shown('features', 'now'), shown('over-predicted', 'now')]).toEqual([
      '10',
      '4',
      '1',
    ])
  })

  test('all numbers are of one hybrid: what is not counted yet is grey', async () => {
    const fake = fakeBench()
    const { effects } = fake.answers.stitch!
    let held = Promise.resolve()
    fake.answers.stitch!.effects = async (input, signal) => {
      await held
      return effects!(input, signal)
    }
    await openBench(AT, { fake })
    const { promise, resolve } = Promise.withResolvers<void>()
    held = promise
    await userEvent.keyboard('n')
    await expect.poll(() => shown('features', 'now')).toBe('7')
    const late = () => document.querySelector('tr.over-predicted .now')!.classList.contains('late')
    expect(late()).toBe(true)
    resolve()
    await expect.poll(() => shown('over-predicted', 'now')).toBe('4')
    expect(late()).toBe(false)
  })

  test('threshold and picks stay when the engine is started again, and are in the address', async () => {
    const fake = fakeBench()
    await openBench(AT, { fake })
    await page.getByRole('slider', { name: 'threshold' }).fill('0.92')
    await rowOfB(2).click() // the feature that is second best
    await expect.poll(() => shown('MSE', 'after')).toBe('9.6000')
    await expect.poll(() => location.hash).toContain('t=0.92&pick=b2')
    await fake.answers.stitch!.apply!(
      { id: 't-bench001' as StitchId, edit: addEdit('add from the command line', Int32Array.of(0)) },
      new AbortController().signal,
    )
    startFakeEngine(fakeWorkspace(), fake.answers)
    await expect.poll(() => shown('MSE', 'now')).toBe('9.5000')
    await expect.element(page.getByRole('slider', { name: 'threshold' })).toHaveValue('0.92')
    expect(document.querySelectorAll('.dot.picked')).toHaveLength(1)
    await openBench(location.hash.slice(1), { fake })
    await expect.element(page.getByRole('slider', { name: 'threshold' })).toHaveValue('0.92')
    await expect.poll(() => shown('MSE', 'after')).toBe('9.1000')
  })

  test('measures the loss by itself, of the base and of each edit that stands', async () => {
    const asked = await openBench()
    await expect.poll(() => shown('CE', 'now')).toBe('2')
    await rowOfB(1).click()
    await userEvent.keyboard('a')
    await expect.poll(() => shown('CE', 'now')).toBe('1.7500')
    expect(asked).toEqual([
      { points: [0, 0], quiet: true },
      { points: [0, 1], quiet: true },
    ])
  })

  test('measures no loss where it is turned off', async () => {
    const asked = await openBench()
    await expect.poll(() => shown('CE', 'now')).toBe('2')
    await page.getByLabelText('CE after each drop').click()
    await rowOfB(1).click()
    await userEvent.keyboard('a')
    await expect.element(page.getByText('not measured at this point')).toBeVisible()
    expect(asked).toHaveLength(1)
  })

  test('swaps a component from the graph, and with w from the list', async () => {
    await openBench()
    await page.getByRole('button', { name: /^Swap the component of feature 0/ }).click()
    await expect.poll(() => shown('features', 'now')).toBe('5')
    await userEvent.keyboard('z')
    await expect.poll(() => shown('features', 'now')).toBe('4')
    await rowOfB(1).click()
    await userEvent.keyboard('w')
    await expect.poll(() => shown('features', 'now')).toBe('5')
  })

  test('adds all novel features with n', async () => {
    await openBench()
    await userEvent.keyboard('n')
    await expect.poll(() => shown('features', 'now')).toBe('7')
  })

  test('shows the whole of its key hints in a small window', async () => {
    await openBench(AT, { width: 1024, height: 700 })
    for (const hints of document.querySelectorAll('.list .keys')) {
      const { right, bottom } = hints.closest('.list')!.getBoundingClientRect()
      for (const hint of hints.querySelectorAll('span')) {
        const box = hint.getBoundingClientRect()
        expect([box.right <= right, box.bottom <= bottom]).toEqual([true, true])
      }
    }
  })

  test.each(['Swaps', 'Members', 'Residual', 'Tokens', 'Path', 'Greedy', 'History', 'Graph'])(
    '%s has no finding, and fits a small window',
    async (tab) => {
      await openBench(`${AT}?show=${tab.toLowerCase()}`, { width: 1024, height: 700 })
      await expectAccessible()
      await expect.poll(() => document.querySelector('main')!.scrollWidth).toBeLessThanOrEqual(1024)
    },
  )
})
