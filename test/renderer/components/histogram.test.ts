import { expect, test, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import Histogram from '../../../src-renderer/charts/Histogram.svelte'
import { expectAccessible } from '../accessible.ts'
import '../../../src-renderer/theme.css'

const props = {
  title: 'Max cosine',
  caption: 'features of B in A',
  bins: { edges: [0, 0.25, 0.5, 0.75, 1], counts: [4, 8, 2, 6] },
  xLabel: 'max cosine',
  yLabel: 'features',
}
async function draw(more: object): Promise<HTMLElement> {
  const { container } = await render(Histogram, { ...props, ...more })
  container.style.cssText = 'display:flex; width:500px; height:260px'
  return container
}

test('the threshold is moved with the arrow keys and says where it is', async () => {
  const onthreshold = vi.fn()
  await draw({ threshold: 0.7, onthreshold, nullLine: { at: 0.3, label: 'random' } })
  const slider = page.getByRole('slider', { name: 'Threshold' })
  await expect.element(slider).toHaveAttribute('aria-valuenow', '0.7')
  ;(slider.element() as SVGElement).focus()
  await userEvent.keyboard('{ArrowRight}')
  expect(onthreshold.mock.lastCall?.[0]).toBeCloseTo(0.71)
  await userEvent.keyboard('{Shift>}{ArrowLeft}{/Shift}')
  expect(onthreshold.mock.lastCall?.[0]).toBeCloseTo(0.61)
  await expect.element(page.getByText('random')).toBeVisible()
})

test('the threshold is dragged', async () => {
  const onthreshold = vi.fn()
  const container = await draw({ threshold: 0.5, onthreshold })
  await expect.element(page.getByRole('slider')).toBeInTheDocument()
  const handle = container.querySelector<SVGGElement>('[role=slider]')!
  const box = container.querySelector('svg.grip, svg')!.getBoundingClientRect()
  const grip = handle.querySelector('.grip')!.getBoundingClientRect()
  const send = (type: string, clientX: number): void =>
    void handle.dispatchEvent(
      new PointerEvent(type, { bubbles: true, clientX, clientY: grip.top, pointerId: 1, button: 0 }),
    )
  handle.setPointerCapture = () => {}
  send('pointerdown', grip.left + 4)
  send('pointermove', box.right - 10)
  send('pointerup', box.right - 10)
  expect(onthreshold.mock.lastCall?.[0]).toBeCloseTo(1)
})

test('a brush is a range with two ends that keys move, and a double click clears it', async () => {
  const onrange = vi.fn()
  const container = await draw({ brush: true, range: [0.2, 0.6], onrange })
  const from = page.getByRole('slider', { name: 'max cosine, from' })
  await expect.element(from).toHaveAttribute('aria-valuenow', '0.2')
  ;(from.element() as SVGElement).focus()
  await userEvent.keyboard('{End}')
  expect(onrange.mock.lastCall?.[0]).toEqual([0.6, 0.6])
  container.querySelector('.brush-area')!.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))
  expect(onrange).toHaveBeenLastCalledWith(null)
})

test('it is accessible, with and without handles', async () => {
  await expectAccessible(await draw({ threshold: 0.5 }))
  await expectAccessible(await draw({ brush: true }))
  await expectAccessible(await draw({}))
})
