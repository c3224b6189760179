import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tokenTextOf } from '../../../src-main/language-model/token-text.ts'
import { openTokenizer } from '../../../src-main/language-model/tokenizer.ts'
import { shared, testWithShared } from '../../shared.ts'
import { temporaryFolder } from './edit-checkpoint.ts'

interface Case {
  text: string
  ids_no_special: number[]
  decoded: string
  ids: number[]
}

describe.each(['stories260K', 'neox-wiki-seed0', 'gpt2-wiki'])('%s', (name) => {
  const folder = join(shared, 'models', name)

  testWithShared('gives exactly the reference ids, and their text back', async () => {
    const cases = (
      JSON.parse(readFileSync(join(shared, 'reference', 'tokenizers.json'), 'utf8')) as Record<string, Case[]>
    )[name]
    const tokenizer = await openTokenizer(folder)
    expect(cases.length).toBeGreaterThan(30)
    for (const { text, ids_no_special, ids, decoded } of cases) {
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids_no_special)
      expect(tokenizer.decode(ids)).toBe(decoded)
    }
  })

  testWithShared('joins tokens into the text they came from', async () => {
    const tokenizer = await openTokenizer(folder)
    const text = 'Once upon a time, there was a girl.\nShe said: "so?"'
    const joined = tokenizer
      .encode(text)
      .map((id) => tokenizer.token(id))
      .join('')
    expect(joined.trimStart()).toBe(text)
    const all = tokenizer.tokenStrings()
    expect(all[tokenizer.encode(text)[3]]).toBe(tokenizer.token(tokenizer.encode(text)[3]))
  })

  testWithShared('finds the BOS, also where it is 0', async () => {
    expect((await openTokenizer(folder)).bosId).toBe(name === 'stories260K' ? 1 : 0)
  })
})

describe('one token as text', () => {
  const byteLevel = tokenTextOf({ type: 'ByteLevel' })
  const sentencePiece = tokenTextOf({ type: 'Sequence', decoders: [{ type: 'ByteFallback' }] })

  test('byte-level: spaces, newlines, letters beyond ASCII, pieces of a character', () => {
    expect(byteLevel('Ġthe')).toBe(' the')
    expect(byteLevel('Ċ')).toBe('\n')
    expect(byteLevel('ÃŃ')).toBe('í')
    expect(byteLevel('Ġâ')).toBe(' \\xE2')
  })

  test('SentencePiece: spaces, bytes', () => {
    expect(sentencePiece('▁the')).toBe(' the')
    expect(sentencePiece('<0x0A>')).toBe('\n')
    expect(sentencePiece('<0xE2>')).toBe('\\xE2')
  })
})

describe('where the BOS comes from', () => {
  const vocab = { a: 0, b: 1, '<s>': 2, '</s>': 3 }
  function folderWith(files: Record<string, unknown>): string {
    const folder = temporaryFolder()
    const added = {
      id: 2,
      content: '<s>',
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    }
    const none = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null }
    const tokenizer = { ...none, model: { type: 'BPE', vocab, merges: [] }, added_tokens: [added] }
    for (const [name, content] of Object.entries({ 'tokenizer.json': tokenizer, ...files }))
      writeFileSync(join(folder, name), JSON.stringify(content))
    return folder
  }
  const bos = async (files: Record<string, unknown>): Promise<number | null> =>
    (await openTokenizer(folderWith(files))).bosId

  test('tokenizer_config.json: a word, or an object with one', async () => {
    expect(await bos({ 'tokenizer_config.json': { bos_token: '<s>' } })).toBe(2)
    expect(await bos({ 'tokenizer_config.json': { bos_token: { content: 'a' } } })).toBe(0)
  })

  test('where it says null there is none, whatever config.json says', async () => {
    expect(
      await bos({ 'tokenizer_config.json': { bos_token: null }, 'config.json': { bos_token_id: 3 } }),
    ).toBeNull()
  })

  test('special_tokens_map.json and config.json where nothing is said before', async () => {
    expect(
      await bos({ 'special_tokens_map.json': { bos_token: '<s>' }, 'config.json': { bos_token_id: 3 } }),
    ).toBe(2)
    expect(await bos({ 'config.json': { bos_token_id: 3 } })).toBe(3)
    expect(await bos({ 'config.json': { bos_token_id: 0 } })).toBe(0)
    expect(await bos({})).toBeNull()
  })
})

describe('what the tokenizer library does not know itself', () => {
  const none = {
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    added_tokens: [],
  }
  async function open(parts: Record<string, unknown>): ReturnType<typeof openTokenizer> {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify({ ...none, ...parts }))
    return openTokenizer(folder)
  }
  const letters = { type: 'BPE', vocab: { a: 0, b: 1, ' ': 2, '\uFEFF': 3 }, merges: [] }

  test('word-level models: a word is one token, or unknown', async () => {
    const model = { type: 'WordLevel', vocab: { '<unk>': 0, foo: 1, bar: 2 }, unk_token: '<unk>' }
    const { encode } = await open({ model, pre_tokenizer: { type: 'WhitespaceSplit' } })
    expect(encode(`foo foobar bar ${'x'.repeat(300)}`)).toEqual([1, 0, 2, 0])
  })

  test('Strip: U+0085 is a space, U+FEFF none', async () => {
    const both = await open({
      model: letters,
      normalizer: { type: 'Strip', strip_left: true, strip_right: true },
    })
    expect(both.encode(' \u0085a b\n')).toEqual([0, 2, 1])
    expect(both.encode('\uFEFFa')).toEqual([3, 0])
    const left = await open({
      model: letters,
      normalizer: { type: 'Strip', strip_left: true, strip_right: false },
    })
    expect(left.encode(' a ')).toEqual([0, 2])
  })

  test('Nmt: control characters go, line breaks become spaces', async () => {
    const { encode } = await open({ model: letters, normalizer: { type: 'Nmt' } })
    expect(encode('a\u0001\nb\u200D')).toEqual([0, 2, 1, 2])
  })

  test('a Unigram model that falls back on bytes is refused', async () => {
    const model = { type: 'Unigram', vocab: [['<unk>', 0]], unk_id: 0, byte_fallback: true }
    await expect(open({ model })).rejects.toThrow(/falls back on bytes, which is not implemented/)
  })
})

test('a folder without tokenizer.json, or with a broken one, is refused in a sentence', async () => {
  const folder = temporaryFolder()
  await expect(openTokenizer(folder)).rejects.toThrow(/no tokenizer\.json/)
  writeFileSync(join(folder, 'tokenizer.json'), '{')
  await expect(openTokenizer(folder)).rejects.toThrow(/not JSON/)
  writeFileSync(join(folder, 'tokenizer.json'), '{"model": {"type": "Nonesuch"}}')
  await expect(openTokenizer(folder)).rejects.toThrow(/cannot be used/)
})
