import { expect, test } from 'vitest'
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
  const tips = [...container.querySelectorAll('.token')].map((token) => token.getAttribute('data-tip'))
  expect(tips[1]).toBe('12.40 on “·with” · position 21')
})

test('white space is shown by marks', async () => {
  const { container } = await render(TokenText, { tokens })
  expect(container.textContent).toBe('·came·with·a·hat⏎')
})

test('without activations nothing is shaded', async () => {
  const { container } = await render(TokenText, { tokens })
  expect(container.querySelectorAll('.fires')).toHaveLength(0)
})
