import { expect, test } from 'vitest'
import { askedFor } from '../../../src-main/electron/asked-for.ts'

test.each([
  ['a double click: the file', ['suture', '/w/first.suture'], { file: '/w/first.suture' }],
  ['a file named from where one is', ['suture', 'first.suture'], { file: '/here/first.suture' }],
  ['switches of Chromium before it', ['suture', '--no-sandbox', 'a.SUTURE'], { file: '/here/a.SUTURE' }],
  ['a folder', ['electron', '.', '--workspace=/w'], { folder: '/w' }],
  ['a folder after a blank', ['electron', '.', '--workspace', 'w'], { folder: '/here/w' }],
  ['nothing', ['electron', '.'], null],
  ['a program whose own name ends like that', ['/opt/my.suture'], null],
])('%s', (_what, argv, expected) => {
  expect(askedFor(argv, '/here')).toEqual(expected)
})
