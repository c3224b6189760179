// Keys are written down in three places: where they work, in Help, and in the docs. The last two must agree.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { SCREEN_KEYS } from '../../src-renderer/views/help/screen-keys.ts'

const docs = resolve(import.meta.dirname, '../../docs/screens')

test('the keys that Help names for a screen are those of its page', () => {
  for (const { screen, keys } of SCREEN_KEYS) {
    const page = readFileSync(join(docs, `${screen.toLowerCase()}.md`), 'utf8')
    const said = page.slice(page.indexOf('## Keys'))
    const named = keys.flatMap(([key]) => (/^\w( \w)+$/.test(key) ? key.split(' ') : [key]))
    expect(
      named.filter((key) => !said.includes(`\`${key}\``)),
      screen,
    ).toEqual([])
  }
})
