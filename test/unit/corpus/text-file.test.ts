import { expect, test } from 'vitest'
import { PIECE, type Piece } from '../../../src-main/corpus/piece.ts'
import { textPieces } from '../../../src-main/corpus/text-file.ts'
import { all, problemFrom, temporaryFiles } from './helpers.ts'

const { write } = temporaryFiles()
const START = { file: 0, at: 0, first: true }
const piecesOf = (file: string): Promise<Piece[]> => all(textPieces(file, START))

test('<|endoftext|> separates documents, and the line breaks around it belong to neither', async () => {
  const file = write('stories.txt', 'one\n<|endoftext|>\r\n  two\n\nlines\n<|endoftext|>three\n')
  expect((await piecesOf(file)).map(({ text }) => text)).toEqual(['one', '  two\n\nlines', 'three'])
})

test('a byte order mark is not text', async () => {
  expect((await piecesOf(write('bom.txt', '\uFEFFhello')))[0].text).toBe('hello')
})

test('a character that lies across two reads is whole', async () => {
  const text = 'x' + '€'.repeat(800_000) // 3 bytes each, one byte out of step: no read ends between two
  const pieces = await piecesOf(write('wide.txt', text))
  expect(pieces.map((piece) => piece.text).join('')).toBe(text)
})

test('bytes that are not UTF-8 are named by file, line and byte', async () => {
  const start = Buffer.from(`${'é'.repeat(700_000)}\nline two\nline three `)
  const file = write('latin1.txt', Buffer.concat([start, Buffer.from([0xe9, 0x20, 0x61])]))
  const problem = await problemFrom(() => piecesOf(file))
  expect(problem).toMatchObject({ code: 'bad-file', subject: file })
  expect(problem.message).toBe(`line 3 is not UTF-8 text (at byte ${start.length})`)
})

test('a file that ends within a character, or is UTF-16, is not UTF-8', async () => {
  const cut = await problemFrom(() => piecesOf(write('cut.txt', Buffer.from('caf\u00e9').subarray(0, 4))))
  expect(cut.message).toBe('line 1 is not UTF-8 text (at byte 3)')
  const wide = await problemFrom(() => piecesOf(write('utf16.txt', Buffer.from('\uFEFFhello', 'utf16le'))))
  expect(wide.message).toBe('line 1 is not UTF-8 text (at byte 0)')
})

const words = (count: number): string => Array.from({ length: count }, (_, i) => `word${i}`).join(' ')

test('a long document comes in pieces that begin before a word and make up the whole', async () => {
  const text = words(40_000)
  const pieces = await piecesOf(write('long.txt', `short<|endoftext|>${text}`))
  expect(pieces.length).toBeGreaterThan(8)
  expect(pieces.map(({ first, last }) => [first, last])).toEqual([
    [true, true],
    [true, false],
    ...pieces.slice(3).map(() => [false, false]),
    [false, true],
  ])
  const parts = pieces.slice(1).map((piece) => piece.text)
  expect(parts.join('')).toBe(text)
  expect(parts.slice(1).every((part) => /^ word\d/.test(part))).toBe(true)
  expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(PIECE)
})

test('reading from where any piece begins gives the pieces that follow it', async () => {
  const file = write('again.txt', `first\n<|endoftext|>\n${words(30_000)} ünd<|endoftext|>last`)
  const pieces = await piecesOf(file)
  for (const [i, { text: _text, last: _last, ...start }] of pieces.entries())
    expect(await all(textPieces(file, start))).toEqual(pieces.slice(i))
})

test('a separator is found wherever the end of a piece falls in it', async () => {
  for (const filler of ['a', 'word '])
    // with and without a space to cut at
    for (let before = PIECE - 14; before <= PIECE + 1; before++) {
      const text = filler.repeat(PIECE).slice(0, before)
      const pieces = await piecesOf(write('edge.txt', `${text}<|endoftext|>next`))
      expect(pieces.filter(({ last }) => last)).toHaveLength(2)
      expect(pieces.map((piece) => piece.text).join('')).toBe(`${text}next`)
    }
})

test('without spaces a text is cut between characters, never within one', async () => {
  const text = '𝄞'.repeat(PIECE) // two UTF-16 units each
  const pieces = await piecesOf(write('clefs.txt', `x${text}`))
  expect(pieces.map((piece) => piece.text).join('')).toBe(`x${text}`)
  expect(pieces.every((piece) => piece.text.isWellFormed())).toBe(true)
})
