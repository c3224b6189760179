import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { refusal } from '../../../src-main/serve/gate.ts'
import { fileFor } from '../../../src-main/serve/static-files.ts'

const ask = (url: string, headers: Record<string, string>): string | null =>
  refusal({ url, headers } as unknown as IncomingMessage, 4321, 'secret')
const ours = { host: '127.0.0.1:4321', origin: 'http://127.0.0.1:4321' }

test('the page we served, with its token, may speak', () => {
  expect(ask('/rpc?token=secret', ours)).toBe(null)
  expect(ask('/rpc?token=secret', { host: 'localhost:4321', origin: 'http://localhost:4321' })).toBe(null)
})

test.each([
  ['no token', '/rpc', ours],
  ['a wrong token', '/rpc?token=secreT', ours],
  ['another page of the same browser', '/rpc?token=secret', { ...ours, origin: 'http://evil.example' }],
  ['no Origin at all', '/rpc?token=secret', { host: ours.host }],
  [
    'a name rebound to loopback',
    '/rpc?token=secret',
    { host: 'evil.example:4321', origin: 'http://evil.example:4321' },
  ],
  ['another path', '/other?token=secret', ours],
])('%s is refused', (_name, url, headers) => {
  expect(ask(url, headers)).not.toBe(null)
})

test('nothing outside the folder is served', () => {
  const folder = import.meta.dirname
  expect(fileFor(folder, '/gate.test.ts')).toContain('gate.test.ts')
  for (const path of [
    '/../rooms.test.ts',
    '/%2e%2e/rooms.test.ts',
    '/..%2frooms.test.ts',
    '/%00',
    '/%',
    '/nothing',
  ])
    expect(fileFor(folder, path)).toBe(null)
})
