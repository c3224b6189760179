import { mkdirSync, rmSync, truncateSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Model } from '#contract/model.ts'
import { addCorpus, addTokenCorpus } from '../../../src-main/corpus/add-corpus.ts'
import { contextShape } from '../../../src-main/corpus/context-shape.ts'
import { preview } from '../../../src-main/corpus/preview.ts'
import { f32Tensor, writeSafetensors } from '../../../src-main/store/safetensors.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { letters, problemFrom, temporaryFiles } from './helpers.ts'

const { folder, write } = temporaryFiles()
const workspace = openWorkspace(join(folder, 'workspace'))
afterAll(() => workspace.close())
const parquet = (name: string): string =>
  resolve(import.meta.dirname, '../../fixtures/corpus', `${name}.parquet`)
const refusal = async (...files: string[]): Promise<string> =>
  (await problemFrom(() => addCorpus(workspace, { files }))).message

describe('adding', () => {
  test('a corpus is kept with its files, format and field', async () => {
    const jsonl = write('a.jsonl', '{"id":"1","text":"hello"}\n')
    const added = await addCorpus(workspace, { files: [jsonl] })
    expect(workspace.corpora.get(added.id)).toMatchObject({
      format: 'jsonl',
      field: 'text',
      bytes: 26,
      name: 'a',
    })
    expect(await addCorpus(workspace, { files: [parquet('zstd')] })).toMatchObject({
      format: 'parquet',
      field: 'text',
    })
    const two = [write('one.txt', 'x'), write('two.md', 'yz')]
    expect(await addCorpus(workspace, { files: two })).toMatchObject({
      format: 'text',
      name: 'one and 1 more',
      bytes: 3,
    })
  })

  test('what cannot be read is refused with the reason, and nothing is kept', async () => {
    const before = workspace.corpora.list().length
    mkdirSync(join(folder, 'a-folder'))
    expect(await refusal(join(folder, 'none.txt'))).toBe('there is no such file')
    expect(await refusal(join(folder, 'a-folder'))).toBe('it is a folder')
    expect(await refusal(write('empty.txt', ''))).toBe('it is empty')
    expect(await refusal(write('blank.txt', ' \n<|endoftext|>\n'))).toBe('it has no text in it')
    expect(await refusal(write('x.jsonl.gz', 'x'))).toMatch('it is compressed (.gz)')
    expect(await refusal(write('c.txt', 'x'), write('d.jsonl', '{}'))).toBe(
      'it is read as jsonl, and c.txt as text',
    )
    expect(await refusal(write('bytes.txt', Buffer.from([65, 10, 255])))).toBe(
      'line 2 is not UTF-8 text (at byte 2)',
    )
    expect(workspace.corpora.list()).toHaveLength(before)
  })

  test('a file of 20 GB is read only as far as is needed', async () => {
    const file = write('large.txt', 'abcdefghijkl')
    truncateSync(file, 20e9) // sparse: it takes no room
    const corpus = await addCorpus(workspace, { files: [file] })
    expect(corpus.bytes).toBe(20e9)
    const shape = {
      contextSize: 4,
      bosId: null,
      packing: 'packed',
      shuffle: false,
      seed: 0,
      vocabSize: 256,
    } as const
    const tokenizer = { ...letters, token: (id: number) => String.fromCharCode(id) }
    expect((await preview(corpus, tokenizer, shape, 1))[0].tokens).toEqual(['a', 'b', 'c', 'd'])
    rmSync(file)
  })

  test('where several fields hold text, one must be said', async () => {
    const file = write('choice.jsonl', '{"title":"t","body":"b","n":1}\n')
    expect(await refusal(file)).toBe('it has the fields title, body')
    expect(await addCorpus(workspace, { files: [file], field: 'body' })).toMatchObject({ field: 'body' })
    expect(await refusal(parquet('two-columns'))).toBe('it has the fields a, b')
  })

  test('rows of ids must be integers, as rows', async () => {
    const file = join(folder, 'ids.safetensors')
    writeSafetensors(file, {
      ids: { dtype: 'I32', shape: [2, 3], pieces: [Int32Array.of(1, 2, 3, 4, 5, 6)] },
      flat: { dtype: 'I32', shape: [2], pieces: [Int32Array.of(1, 2)] },
      floats: f32Tensor([1, 2], Float32Array.of(1, 2)),
    })
    expect(addTokenCorpus(workspace, { file, tensor: 'ids' })).toMatchObject({ rows: 2, contextSize: 3 })
    const message = (tensor: string): Promise<string> =>
      problemFrom(() => addTokenCorpus(workspace, { file, tensor })).then((p) => p.message)
    expect(await message('flat')).toMatch('"flat" has shape [2]')
    expect(await message('floats')).toMatch('an integer tensor is expected')
    expect(await message('other')).toMatch('it has no tensor "other"')
  })
})

describe('contexts for a model', () => {
  const model = {
    name: 'm',
    contextSize: 8,
    bosId: 0,
    prependBos: true,
    hasTokenizer: true,
    vocabSize: 256,
  } as Model
  const asked = { packing: 'packed', shuffle: false, seed: 0 } as const

  test('BOS is as the model says unless said otherwise; id 0 is a BOS', async () => {
    const corpus = await addCorpus(workspace, { files: [write('t.txt', 'abcdef')] })
    expect(contextShape(corpus, model, asked)).toMatchObject({ contextSize: 8, bosId: 0 })
    expect(contextShape(corpus, { ...model, prependBos: false }, asked).bosId).toBeNull()
    expect(contextShape(corpus, { ...model, prependBos: false }, { ...asked, prependBos: true }).bosId).toBe(
      0,
    )
    const none = { ...model, bosId: null }
    const problem = await problemFrom(() => contextShape(corpus, none, { ...asked, prependBos: true }))
    expect(problem.message).toBe('the tokenizer of "m" has no BOS token')
    expect(
      (await problemFrom(() => contextShape(corpus, model, { ...asked, contextSize: 9 }))).message,
    ).toMatch('reads at most 8')
  })

  test('rows of ids keep their size, and say themselves whether they begin with BOS', async () => {
    const file = join(folder, 'bos.safetensors')
    writeSafetensors(file, { ids: { dtype: 'I32', shape: [1, 3], pieces: [Int32Array.of(0, 2, 3)] } })
    const corpus = addTokenCorpus(workspace, { file, tensor: 'ids' })
    expect(contextShape(corpus, { ...model, prependBos: false }, asked)).toMatchObject({
      contextSize: 3,
      bosId: 0,
    })
    const no = await problemFrom(() => contextShape(corpus, model, { ...asked, prependBos: false }))
    expect(no.message).toMatch('they begin with id 0')
    expect(
      (await problemFrom(() => contextShape(corpus, model, { ...asked, contextSize: 2 }))).message,
    ).toMatch('has rows of 3 token ids')
  })

  test('a preview shows the first rows, token by token', async () => {
    const corpus = await addCorpus(workspace, { files: [write('p.txt', 'abcdefghijkl')] })
    const shape = { ...contextShape(corpus, model, asked), contextSize: 4 }
    const tokenizer = { ...letters, token: (id: number) => (id === 0 ? '<s>' : String.fromCharCode(id)) }
    expect(await preview(corpus, tokenizer, shape, 2)).toEqual([
      { ids: [0, 97, 98, 99], tokens: ['<s>', 'a', 'b', 'c'] },
      { ids: [0, 100, 101, 102], tokens: ['<s>', 'd', 'e', 'f'] },
    ])
  })
})
