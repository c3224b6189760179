import { describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { settings } from '../../../src-renderer/state/settings.svelte.ts'
import { expectAccessible } from '../accessible.ts'
import { emptyWorkspace } from '../fake-workspace.ts'
import { openWindow } from '../window.ts'

const SCREENS: [string, string][] = [
  ['/home', 'Activation sets'],
  ['/home/s-topk0003', 'Where it came from'],
  ['/home?add=corpus', 'Add the corpus'],
  ['/home?add=sae', 'Look inside'],
  ['/harvest?model=m-stories1&corpus=c-tinystor&hooks=blocks.2.hook_resid_pre', 'block 4'],
  ['/train', 'Sparsity against quality'],
  ['/compare', 'Compare two SAEs'],
  ['/compare/splitting', 'From coarse to fine'],
  ['/settings', 'This window'],
  ['/help', 'hook point'],
]

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  test.each(SCREENS)('%s has no finding', async (at, sign) => {
    settings.theme = theme
    await openWindow(at)
    await expect.element(page.getByText(sign).first()).toBeVisible()
    await expectAccessible()
  })
  test('an empty workspace has no finding', async () => {
    settings.theme = theme
    await openWindow('/home', { have: emptyWorkspace() })
    await expect.element(page.getByText('This workspace is empty')).toBeVisible()
    await expectAccessible()
  })
  test('the palette has no finding', async () => {
    settings.theme = theme
    await openWindow('/home')
    await userEvent.keyboard('{Control>}k{/Control}')
    await expect.element(page.getByRole('option').first()).toBeVisible()
    await expectAccessible()
    await userEvent.keyboard('{Escape}')
  })
})

test('every screen fits a small window without scrolling sideways', async () => {
  for (const [at, sign] of SCREENS) {
    await openWindow(at, { width: 1024, height: 700 })
    await expect.element(page.getByText(sign).first()).toBeVisible()
    await expect.poll(() => document.documentElement.scrollWidth, { message: at }).toBeLessThanOrEqual(1024)
    await expect
      .poll(() => document.querySelector('main')!.scrollWidth, { message: at })
      .toBeLessThanOrEqual(1024)
  }
})

test('the whole window is walked with Tab, and focus is always seen', async () => {
  await openWindow('/train')
  await expect.element(page.getByText('Sparsity against quality')).toBeVisible()
  const names = new Set<string>()
  for (let i = 0; i < 40; i++) {
    await userEvent.tab()
    const element = document.activeElement!
    if (element === document.body) break
    const box = element.getBoundingClientRect()
    names.add(
      `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 30)}`,
    )
    expect(box.width + box.height, element.outerHTML.slice(0, 120)).toBeGreaterThan(0)
  }
  expect(names.size).toBeGreaterThan(15)
})
