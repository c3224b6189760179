import { expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import TokenText from '../../../src-renderer/components/TokenText.svelte'
import '../../../src-renderer/theme.css'

const tokens = [' came', ' with', ' a', ' hat', '\n']

test('the shade of a token is its share of the maximum, and its value is said on hover', async () => {
  const { container } = await render(TokenText, {
    tokens,
    activations: [0, 12.4, 0, 3.1, 0],
    max: 12.4,
    from: 20,
  })
  const shaded = [...container.querySelectorAll<HTMLElement>('.token')].map((token) =>
    token.style.getPropertyValue('--amount'),
  )
  expect(shaded).toEqual(['', '100%', '', '25%', ''])
  const second = container.querySelectorAll<HTMLElement>('.token')[1]
  await userEvent.hover(second)
  await expect.poll(() => second.dataset['tip']).toBe('12.40 on “·with” · position 21')
})

test('the tip of a token after the one that the text is about is its own', async () => {
  const { container } = await render(TokenText, { tokens, activations: [0, 12.4, 0, 3.1, 0], mark: 1 })
  const fourth = container.querySelectorAll<HTMLElement>('.token')[3]
  await userEvent.hover(fourth)
  await expect.poll(() => fourth.dataset['tip']).toBe('3.100 on “·hat” · position 3')
  expect(container.querySelector('.mark')!.textContent).toBe('·with')
})

test('other tokens take the place of the first, with tips of their own', async () => {
  const { container, rerender } = await render(TokenText, { tokens, activations: [1, 0, 0, 0, 0] })
  await rerender({ tokens: [' out'], activations: [3] })
  await expect.poll(() => container.textContent).toBe('·out')
  await userEvent.hover(container.querySelector('.token')!)
  await expect.poll(() => container.querySelector<HTMLElement>('.token')!.dataset['tip']).toContain('“·out”')
})

test('white space is shown by marks', async () => {
  const { container } = await render(TokenText, { tokens })
  expect(container.textContent).toBe('·came·with·a·hat⏎')
})

test('without activations nothing is shaded', async () => {
  const { container } = await render(TokenText, { tokens })
  expect(container.querySelectorAll('.fires')).toHaveLength(0)
})
