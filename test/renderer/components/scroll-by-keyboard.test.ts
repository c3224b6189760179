import { expect, test } from 'vitest'
import { scrollByKeyboard } from '../../../src-renderer/components/scroll-by-keyboard.ts'

function scroller(inside: string): HTMLElement {
  const element = document.createElement('div')
  element.style.cssText = 'height:40px; overflow:auto'
  element.innerHTML = inside
  document.body.append(element)
  return element
}

test('text that overflows takes the focus, and gives it up when it fits again', async () => {
  const element = scroller('<p style="height:200px">words</p>')
  const end = scrollByKeyboard(element)
  expect(element.getAttribute('tabindex')).toBe('0')
  element.innerHTML = '<p>few</p>'
  element.style.height = '400px'
  await expect.poll(() => element.getAttribute('tabindex')).toBeNull()
  end()
  element.remove()
})

test('what holds a button is reached through the button', () => {
  const element = scroller('<p style="height:200px">words</p><button>Next</button>')
  const end = scrollByKeyboard(element)
  expect(element.getAttribute('tabindex')).toBeNull()
  end()
  element.remove()
})
