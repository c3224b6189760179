import { describe, expect, test } from 'vitest'
import { bytes } from '../../../src-renderer/format/bytes.ts'
import { count, delta, number, percent, plural, short } from '#figures/number.ts'
import { duration, timeLeft, when } from '../../../src-renderer/format/time.ts'
import { readableToken, tokenPieces } from '../../../src-renderer/format/token.ts'

describe('numbers', () => {
  test('are grouped, shortened and signed with a true minus', () => {
    expect(count(98304)).toBe('98,304')
    expect(count(-5)).toBe('−5')
    expect([short(260_032), short(124_439_808), short(1.1e9), short(999)]).toEqual([
      '260k',
      '124M',
      '1.1B',
      '999',
    ])
    expect([delta(0.0102), delta(-0.0041)]).toEqual(['+0.0102', '−0.00410'])
  })
  test('keep their significant digits, whole numbers all of them', () => {
    expect(number(0.51261)).toBe('0.5126')
    expect(number(32)).toBe('32')
    expect(number(3_072_000)).toBe('3,072,000')
    expect(number(0.00001234)).toBe('1.23e−5')
    expect([number(null), number(NaN), number(Infinity)]).toEqual(['–', '–', '∞'])
  })
  test('of shares read as percentages, small ones too', () => {
    expect([0.0121, 0.11004, 0.09, 1, 0, 0.00003].map((share) => percent(share))).toEqual([
      '1.21 %',
      '11.0 %',
      '9 %',
      '100 %',
      '0 %',
      '0.00300 %',
    ])
  })
  test('are said with their noun', () => {
    expect([plural(1, 'SAE'), plural(1200, 'token')]).toEqual(['1 SAE', '1,200 tokens'])
  })
})

test('sizes are in decimal units', () => {
  expect([bytes(0), bytes(999), bytes(1_234_567), bytes(256_016_384), bytes(2.1e11)]).toEqual([
    '0 B',
    '999 B',
    '1.2 MB',
    '256 MB',
    '210 GB',
  ])
})

describe('times', () => {
  test('are said as a person says them', () => {
    expect([duration(4), duration(60), duration(200), duration(3600), duration(7500)]).toEqual([
      '4 s',
      '1 min',
      '3 min 20 s',
      '1 h',
      '2 h 5 min',
    ])
    expect([timeLeft(49), timeLeft(null)]).toEqual(['49 s left', ''])
  })
  test('name the day only when it is another', () => {
    const now = new Date(2026, 2, 12, 18)
    const at = (...parts: [number, number, number, number, number]): string =>
      when(new Date(...parts).toISOString(), now)
    expect([at(2026, 2, 12, 9, 5), at(2026, 1, 3, 9, 5), at(2024, 1, 3, 9, 5)]).toEqual([
      '09:05',
      '3 Feb 09:05',
      '3 Feb 2024',
    ])
  })
})

describe('tokens', () => {
  test('show leading spaces, newlines and control characters as marks', () => {
    expect(readableToken(' with')).toBe('·with')
    expect(readableToken('a b')).toBe('a b')
    expect(readableToken('\n\n')).toBe('⏎⏎')
    expect(readableToken('\u0000')).toBe('\\x00')
    expect(readableToken('')).toBe('∅')
  })
  test('keep marks apart from text', () => {
    expect(tokenPieces('  x\n')).toEqual([
      { text: '··', mark: true },
      { text: 'x', mark: false },
      { text: '⏎', mark: true },
    ])
  })
})
