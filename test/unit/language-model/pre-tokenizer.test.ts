// The shorthands of tokenizer.json cut text as the original (Rust) tokenizers do, not as JavaScript's classes would.
import { Tokenizer } from '@huggingface/tokenizers'
import { expect, test } from 'vitest'
import { spellOut } from '../../../src-main/language-model/pre-tokenizer.ts'

/** The words a pre-tokenizer makes; every word is its own token. */
function words(preTokenizer: object, text: string): string[] {
  const parts = { normalizer: null, post_processor: null, decoder: null, added_tokens: [] }
  const model = { type: 'BPE', vocab: {}, merges: [] }
  const tokenizer = new Tokenizer({ ...parts, pre_tokenizer: spellOut(preTokenizer), model }, {})
  return tokenizer.pre_tokenizer?.pre_tokenize(text) ?? []
}

test('Digits are all numeric characters, one by one or together', () => {
  expect(words({ type: 'Digits', individual_digits: true }, 'x²½1')).toEqual(['x', '²', '½', '1'])
  expect(words({ type: 'Digits', individual_digits: false }, 'x²½1y')).toEqual(['x', '²½1', 'y'])
})

test('Whitespace keeps accented letters together', () => {
  expect(words({ type: 'Whitespace' }, "naïve café, it's")).toEqual(['naïve', 'café', ',', 'it', "'", 's'])
})

test('ByteLevel takes U+0085 for a space and U+FEFF for none', () => {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false }
  expect(words(byteLevel, "v.\u0085're")).toEqual(['v', '.', 'Âħ', "'re"])
  expect(words(byteLevel, '.\uFEFF!')).toHaveLength(1)
})

test('Whitespace keeps a joiner with its word, as Unicode does', () => {
  expect(words({ type: 'Whitespace' }, 'a\u200Db ☃')).toEqual(['a\u200Db', '☃'])
})

test('WhitespaceSplit takes U+0085 for a space and U+FEFF for none', () => {
  expect(words({ type: 'WhitespaceSplit' }, ' a\u0085b,c \uFEFFd ')).toEqual(['a', 'b,c', '\uFEFFd'])
})

test('a delimiter of one character is left out, and nothing empty stays', () => {
  expect(words({ type: 'CharDelimiterSplit', delimiter: ' ' }, '  a  b\tc')).toEqual(['a', 'b\tc'])
  expect(words({ type: 'CharDelimiterSplit', delimiter: ']' }, 'a]b')).toEqual(['a', 'b'])
})

test('a prefix space is added once, before the text is cut', () => {
  expect(words({ type: 'ByteLevel', add_prefix_space: true }, 'a,b')).toEqual(['Ġa', ',', 'b'])
})

test('steps within a sequence are spelt out, others are left alone', () => {
  const sequence = {
    type: 'Sequence',
    pretokenizers: [{ type: 'Digits', individual_digits: true }, { type: 'Punctuation' }],
  }
  expect(words(sequence, 'a²!')).toEqual(['a', '²', '!'])
  expect(spellOut({ type: 'Metaspace' })).toEqual({ type: 'Metaspace' })
  expect(spellOut(null)).toBeNull()
})
