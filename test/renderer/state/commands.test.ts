import { afterEach, expect, test } from 'vitest'
import { commands, keysInWords, pressed } from '../../../src-renderer/state/commands.svelte.ts'

const done: string[] = []
const remove: (() => void)[] = []
const add = (keys: string, id = keys): void =>
  void remove.push(commands.add([{ id, label: id, group: 'test', keys, run: () => done.push(id) }]))
const press = (init: KeyboardEventInit, target: Element = document.body): boolean => {
  const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })
  target.addEventListener('keydown', (e) => commands.onKeydown(e as KeyboardEvent), { once: true })
  return !target.dispatchEvent(event)
}
afterEach(() => {
  remove.splice(0).forEach((one) => one())
  done.splice(0)
})

test('a key runs its command', () => {
  add('j')
  expect(press({ key: 'j' })).toBe(true)
  expect(press({ key: 'k' })).toBe(false)
  expect(done).toEqual(['j'])
})

test('two keys one after the other are a sequence; the second alone is not', () => {
  add('g h')
  press({ key: 'h' })
  expect(done).toEqual([])
  press({ key: 'g' })
  press({ key: 'h' })
  expect(done).toEqual(['g h'])
})

test('single keys do nothing while one types, modified keys do', () => {
  add('j')
  add('mod+k')
  const input = document.createElement('input')
  document.body.append(input)
  press({ key: 'j' }, input)
  press({ key: 'k', ctrlKey: true }, input)
  expect(done).toEqual(['mod+k'])
  input.remove()
})

test('what is added later takes a key over, until it is removed', () => {
  add('l', 'first')
  add('l', 'second')
  press({ key: 'l' })
  remove.pop()?.()
  press({ key: 'l' })
  expect(done).toEqual(['second', 'first'])
})

test('a command is run by its name, as the native menu does', () => {
  add('x', 'add-model')
  expect([commands.run('add-model'), commands.run('nothing')]).toEqual([true, false])
  expect(done).toEqual(['add-model'])
})

test('keys are named as pressed and as read', () => {
  expect(pressed(new KeyboardEvent('keydown', { key: '?', shiftKey: true }))).toBe('?')
  expect(pressed(new KeyboardEvent('keydown', { key: 'ArrowLeft', altKey: true }))).toBe('alt+ArrowLeft')
  expect([keysInWords('mod+k'), keysInWords('g h'), keysInWords('alt+ArrowLeft')]).toEqual([
    'Ctrl K',
    'g h',
    'Alt ←',
  ])
})
