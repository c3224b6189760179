import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documents } from '../../../src-main/corpus/documents.ts'
import { encodePieces, type TextTokenizer } from '../../../src-main/corpus/encode-pieces.ts'
import { openTokenizer } from '../../../src-main/language-model/tokenizer.ts'
import { shared, testWithShared } from '../../shared.ts'
import { all, corpusOf, temporaryFiles } from './helpers.ts'

const { write } = temporaryFiles()

async function idsInPieces(
  file: string,
  format: 'text' | 'jsonl',
  tokenizer: TextTokenizer,
): Promise<number[]> {
  const pieces = await all(encodePieces(documents(corpusOf(format, [file])), tokenizer))
  return pieces.flatMap(({ ids }) => [...ids])
}

/** Words numbered as they are first seen; how the space before a word is treated is what tokenizers differ in. */
function wordTokenizer(split: (text: string) => string[]): TextTokenizer {
  const numbers = new Map<string, number>()
  const id = (word: string): number => numbers.get(word) ?? numbers.set(word, numbers.size).get(word)!
  return { encodePlain: (text) => split(text).map(id) }
}
const text = Array.from({ length: 20_000 }, (_, i) => `word${i % 100}`).join(' ')

test('pieces give the ids of the whole where a space belongs to the word after it', async () => {
  const tokenizer = wordTokenizer((t) => t.match(/ ?\S+|\s+/g) ?? [])
  expect(await idsInPieces(write('a.txt', text), 'text', tokenizer)).toEqual(tokenizer.encodePlain(text))
})

test('pieces give the ids of the whole where the tokenizer puts a space before every text', async () => {
  const tokenizer = wordTokenizer((t) => ` ${t}`.match(/ \S*/g) ?? [])
  const whole = tokenizer.encodePlain(text)
  expect(await idsInPieces(write('b.txt', text), 'text', tokenizer)).toEqual(whole)
  expect(await idsInPieces(write('b.jsonl', JSON.stringify({ text })), 'jsonl', tokenizer)).toEqual(whole)
})

const models = ['stories260K', 'gpt2-wiki', 'neox-wiki-seed0']
testWithShared.each(models)('%s: a book in pieces has the ids of the book in one', async (name) => {
  const tokenizer = await openTokenizer(join(shared, 'models', name))
  const book = readFileSync(join(shared, 'corpora/book-alice-in-wonderland.txt'), 'utf8')
    .slice(0, 80_000)
    .trim()
  expect(await idsInPieces(write(`${name}.txt`, book), 'text', tokenizer)).toEqual(
    tokenizer.encodePlain(book),
  )
})

testWithShared.each(models)('%s: text that spells a special token does not become it', async (name) => {
  const tokenizer = await openTokenizer(join(shared, 'models', name))
  const spelled = 'a <s> b </s> <|endoftext|> <unk>'
  const file = write(`${name}.jsonl`, JSON.stringify({ text: spelled }))
  const ids = await idsInPieces(file, 'jsonl', tokenizer)
  expect(tokenizer.decode(ids).trim()).toBe(spelled)
  expect(ids).not.toContain(tokenizer.bosId ?? 0)
})
