import { describe, expect, test } from 'vitest'
import { unpickle, type PickleTable } from '../../../src-main/store/pickle.ts'

describe('the unpickler', () => {
  const table: PickleTable = {
    globals: new Map([['safe.thing', (args) => args.length]]),
    persistent: (id) => id,
  }
  const read = (bytes: string): unknown =>
    unpickle(
      Uint8Array.from(bytes, (c) => c.charCodeAt(0)),
      table,
      'x.pkl',
    )

  test.each([
    ['protocol 0', '(lp0\nI1\naI01\naF2.5\na.', [1, true, 2.5]],
    ['protocol 2', '\x80\x02]q\x00(K\x01M\x00\x01J\xff\xff\xff\xff\x88Ne.', [1, 256, -1, true, null]],
    ['a long', '\x80\x02\x8a\x02\xff\x7f.', 32767],
    ['a dict', '\x80\x02}X\x01\x00\x00\x00aK\x05s.', new Map([['a', 5]])],
    ['protocol 4', '\x80\x04\x95\x08\x00\x00\x00\x00\x00\x00\x00\x8c\x02hi\x94\x85\x94.', ['hi']],
    ['a call that is allowed', '\x80\x02csafe\nthing\n(K\x01K\x02tR.', 2],
  ])('reads %s', (_name, bytes, value) => {
    expect(read(bytes)).toEqual(value)
  })

  test.each([
    [
      'a name that is not in the table',
      '\x80\x02cos\nsystem\n(U\x02lstR.',
      'wants to load os.system, which is code and is never run',
    ],
    ['a name by the stack', '\x80\x04\x8c\x05posix\x8c\x06system\x93.', 'posix.system'],
    ['building an object', '\x80\x02]}b.', 'sets the state of what is not a dict'],
    ['INST, which makes objects', '(ios\nsystem\n.', 'opcode 0x69'],
    ['calling what is not callable', '\x80\x02K\x01)R.', 'calls what cannot be called'],
    ['an extension code', '\x80\x02\x82\x01.', 'opcode 0x82'],
    ['text longer than the file', '\x80\x02X\xff\xff\xff\x7fa.', 'it ends at byte'],
    ['text of 2^63 bytes', '\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7fa.', 'it ends at byte'],
    ['a number of 4 GB', '\x80\x02\x8b\xff\xff\xff\x7f.', 'a number of 2147483647 bytes'],
    ['a memo that was never stored', '\x80\x02h\x05.', 'recalls value 5'],
    ['an empty stack', '.', 'its stack is empty'],
    ['no end', '\x80\x02K\x01', 'it ends at byte'],
    ['a list as a key', '\x80\x02}]K\x01s.', 'neither text nor a number'],
  ])('refuses %s', (_name, bytes, words) => {
    expect(() => read(bytes)).toThrow(words)
  })

  test('shares what is shared: a list of lists doubled thirty times takes no room', () => {
    const doubled = `\x80\x02]${'q\x01(h\x01h\x01l'.repeat(30)}.`
    expect(Array.isArray(read(doubled))).toBe(true)
  })
})
