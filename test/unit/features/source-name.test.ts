import { describe, expect, test } from 'vitest'
import type { Corpus } from '#contract/corpus.ts'
import type { ActivationReader } from '../../../src-main/activations/reader.ts'
import { sourceName } from '../../../src-main/features/source-name.ts'

/** A set in chunks of 10 tokens, each ending in the file named. */
const readerOf = (filesAfter: number[], shuffle: unknown = false): ActivationReader =>
  ({
    set: { name: 'the set', provenance: { parameters: { shuffle } } },
    cache: { header: { tokensPerChunk: 10 }, after: (chunk: number) => ({ file: filesAfter[chunk] }) },
  }) as unknown as ActivationReader

const corpusOf = (...paths: string[]): Corpus =>
  ({ format: 'text', files: paths.map((path) => ({ path, bytes: 1 })) }) as Corpus

describe('where a token comes from', () => {
  const books = corpusOf('/texts/a.txt', '/texts/b.txt', '/texts/c.txt')

  test('is the file its chunk lies in, or both files where it spans two', () => {
    const reader = readerOf([0, 1, 1])
    expect(sourceName(reader, books, 3)).toBe('a.txt')
    expect(sourceName(reader, books, 13)).toBe('a.txt – b.txt')
    expect(sourceName(reader, books, 29)).toBe('b.txt')
  })

  test('is the only file of a corpus that has one, shuffled or not', () => {
    expect(sourceName(readerOf([0], true), corpusOf('/texts/only.txt'), 3)).toBe('only.txt')
  })

  test('is the activation set where the file cannot be known', () => {
    expect(sourceName(readerOf([0], true), books, 3)).toBe('the set')
    expect(sourceName(readerOf([0]), undefined, 3)).toBe('the set')
    expect(sourceName(readerOf([0]), { ...books, format: 'tokens' }, 3)).toBe('the set')
    expect(sourceName(readerOf([]), books, 3)).toBe('a.txt') // begins in the first file; its end is not known
  })
})
