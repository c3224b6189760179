import { describe, expect, test } from 'vitest'
import { formsOf } from '../../../src-main/features/token-search.ts'
import type { Tokenizer } from '../../../src-main/language-model/tokenizer.ts'

/** A tokenizer that knows these tokens and writes every other word letter by letter. */
function tokenizerOf(vocabulary: string[]): Tokenizer {
  const token = (id: number): string => vocabulary[id] ?? ''
  const encode = (text: string): number[] => [...text].map((letter) => vocabulary.indexOf(letter))
  return {
    encode,
    encodePlain: encode,
    decode: (ids) => ids.map(token).join(''),
    token,
    tokenStrings: () => vocabulary,
    bosId: null,
  }
}

describe('a word as tokens', () => {
  const tokenizer = tokenizerOf(['Monday', ' Monday', ' monday', ' ', 'c', 'a', 't', '\n', 'The', ' the'])

  test('is every token that reads as it, whatever space is before', () => {
    expect(formsOf(tokenizer, 'Monday')).toEqual([[0], [1]])
    expect(formsOf(tokenizer, '  monday ')).toEqual([[2]])
  })

  test('is looked for in any case where none has its own', () => {
    expect(formsOf(tokenizer, 'MONDAY')).toEqual([[0], [1], [2]])
  })

  test('may be white space itself', () => {
    expect(formsOf(tokenizer, ' ')).toEqual([[3]])
    expect(formsOf(tokenizer, '\n')).toEqual([[7]])
  })

  test('that no token is, is the tokens it is written with, with and without a space before', () => {
    expect(formsOf(tokenizer, 'cat')).toEqual([
      [4, 5, 6],
      [3, 4, 5, 6],
    ])
  })
})
