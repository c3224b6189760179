import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import { commands } from '../../../src-renderer/state/commands.svelte.ts'

const command = (id: string) => ({ id, label: id, group: 'test', run: () => {} })

test('commands that come while others go, in one change of the page, all stay', () => {
  let isWhole = $state(false)
  const end = $effect.root(() => {
    $effect(() => {
      if (isWhole) return commands.add([command('child')])
    })
    $effect(() => commands.add([command(isWhole ? 'after' : 'before')]))
  })
  const names = () =>
    commands.list.map(({ id }) => id).filter((id) => ['child', 'before', 'after'].includes(id))
  flushSync()
  expect(names()).toEqual(['before'])
  flushSync(() => (isWhole = true))
  expect(names()).toEqual(['child', 'after'])
  end()
  expect(names()).toEqual([])
})
