import { describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { settings } from '../../../src-renderer/state/settings.svelte.ts'
import { expectAccessible } from '../accessible.ts'
import { openWindow } from '../window.ts'
import { fakeBench } from './fake-bench.ts'

const AT = '/stitch/t-bench001'
async function openBench(at = AT, size: { width?: number; height?: number } = {}) {
  const { answers, asked } = fakeBench()
  settings.lossAfterDrops = true
  await openWindow(at, { answers, ...size })
  await expect.element(page.getByRole('grid', { name: 'Features of B' })).toBeVisible()
  return asked
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

  test.each(['Swaps', 'Members', 'Residual', 'Tokens', 'Path', 'Greedy', 'History', 'Graph'])(
    '%s has no finding, and fits a small window',
    async (tab) => {
      await openBench(`${AT}?show=${tab.toLowerCase()}`, { width: 1024, height: 700 })
      await expectAccessible()
      await expect.poll(() => document.querySelector('main')!.scrollWidth).toBeLessThanOrEqual(1024)
    },
  )
})
