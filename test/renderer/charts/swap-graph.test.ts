import { SvelteSet } from 'svelte/reactivity'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import SwapGraph from '../../../src-renderer/charts/SwapGraph.svelte'
import { expectAccessible } from '../accessible.ts'
import '../../../src-renderer/theme.css'

const swaps = Array.from({ length: 40 }, (_, a) => ({
  key: String(a),
  a: [a],
  b: [2 * a, 2 * a + 1],
  edges: [
    { a, b: 2 * a, cosine: 0.9 },
    { a, b: 2 * a + 1, cosine: 0.8 },
  ],
}))
const onpress = vi.fn()
let pane: HTMLElement
const svg = (): Element => pane.querySelector('svg[role="group"]')!

beforeEach(async () => {
  onpress.mockReset()
  const { container } = await render(SwapGraph, {
    title: 'Swap graph',
    caption: 'forty components',
    swaps,
    pinned: new SvelteSet<string>(),
    onpin: () => {},
    selected: { a: null, b: null },
    nameOf: () => '',
    onselect: () => {},
    onpair: () => {},
    onpress,
  })
  pane = container
  pane.style.cssText = 'height: 300px; width: 500px; overflow: auto'
  await expect.poll(() => pane.scrollHeight).toBeGreaterThan(1000)
})

function pointer(on: Element, type: string, clientY: number, pointerType = 'mouse'): void {
  on.dispatchEvent(
    new PointerEvent(type, {
      ...{ clientX: 30, clientY, pointerId: 1, pointerType },
      ...{ bubbles: true, cancelable: true, button: 0 },
    }),
  )
}
/** A drag on the chart's ground; events are made, so that nothing depends on where the window lies. */
function dragged(from: number, to: number, pointerType = 'mouse'): void {
  const chart = svg()
  chart.setPointerCapture = () => {}
  pointer(pane.querySelector('.swap')!, 'pointerdown', from, pointerType)
  pointer(chart, 'pointermove', to, pointerType)
  pointer(chart, 'pointerup', to, pointerType)
  pointer(chart, 'pointermove', to - 500, pointerType)
}

describe('the swap graph', () => {
  test('pans by a drag of its ground, and stops when it is let go', () => {
    dragged(250, 130)
    expect(pane.scrollTop).toBe(120)
    dragged(100, 160)
    expect(pane.scrollTop).toBe(60)
  })

  test('a press on a feature is a drag of the feature, not of the ground; a finger scrolls by itself', () => {
    const node = page.getByRole('button', { name: 'Feature 0 of A', exact: true }).element()
    pointer(node, 'pointerdown', 100)
    pointer(svg(), 'pointermove', 20)
    expect(onpress).toHaveBeenCalledOnce()
    dragged(250, 130, 'touch')
    expect(pane.scrollTop).toBe(0)
  })

  test('zooms with Ctrl and the wheel, with what is under the pointer staying there; the wheel alone scrolls', async () => {
    pane.scrollTop = 400
    const heightOf = (): number => svg().getBoundingClientRect().height
    const [top, height] = [svg().getBoundingClientRect().top, heightOf()]
    const clientY = 150
    const wheel = (ctrlKey: boolean): boolean =>
      svg().dispatchEvent(
        new WheelEvent('wheel', { deltaY: -100, clientY, ctrlKey, bubbles: true, cancelable: true }),
      )
    expect(wheel(false)).toBe(true)
    expect(heightOf()).toBe(height)
    expect(wheel(true)).toBe(false)
    await expect.poll(heightOf).toBeGreaterThan(1.15 * height)
    const share = (clientY - top) / height
    await expect.poll(() => (clientY - svg().getBoundingClientRect().top) / heightOf()).toBeCloseTo(share, 1)
  })

  test('zooms with + − and 0, and with its buttons', async () => {
    const height = svg().getBoundingClientRect().height
    const times = (): number => Number((svg().getBoundingClientRect().height / height).toFixed(2))
    page.getByRole('button', { name: 'Feature 0 of A', exact: true }).element().focus()
    await userEvent.keyboard('+')
    await expect.poll(times).toBe(1.3)
    await userEvent.keyboard('0')
    await expect.poll(times).toBe(1)
    await userEvent.keyboard('-')
    await expect.poll(times).toBe(0.8)
    await page.getByRole('button', { name: 'Smaller' }).click()
    await expect.poll(times).toBe(0.6)
    await expect.element(page.getByRole('button', { name: 'Smaller' })).toBeDisabled()
    await expectAccessible()
  })
})
