import { describe, expect, test } from 'vitest'
import { contexts, type ContextShape } from '../../../src-main/corpus/contexts.ts'
import { writeSafetensors } from '../../../src-main/store/safetensors.ts'
import { all, corpusOf, letters, problemFrom, temporaryFiles, textOf } from './helpers.ts'

const { folder, write } = temporaryFiles()
const SHAPE: ContextShape = {
  contextSize: 4,
  bosId: '^'.charCodeAt(0),
  packing: 'packed',
  shuffle: false,
  seed: 0,
  vocabSize: 1 << 20,
}
const SHUFFLED = { ...SHAPE, shuffle: true, seed: 5 }
const alphabet = 'abcdefghijklmnopqrstuvwxyz'
const files = [
  write('one.txt', `abc<|endoftext|>${alphabet}`),
  write('two.txt', 'ABCDEFGHIJKL'),
  write('three.txt', '0123456789<|endoftext|>x<|endoftext|>y'),
]
const corpus = corpusOf('text', files)

describe('text', () => {
  test('rows run through all files', async () => {
    const rows = (await all(contexts(corpus, letters, SHAPE))).map(({ ids }) => textOf(ids))
    expect(rows.slice(0, 3)).toEqual(['^abc', '^abc', '^def'])
    expect(rows.slice(-3)).toEqual(['^345', '^678', '^9^x'])
  })

  test.each([
    ['in order', SHAPE],
    ['shuffled', SHUFFLED],
    ['one row per document', { ...SHAPE, packing: 'document' as const }],
  ])('%s: going on after any context gives those that follow', async (_name, shape) => {
    const rows = await all(contexts(corpus, letters, shape))
    expect(rows.length).toBeGreaterThan(2)
    for (const [i, { end }] of rows.entries()) {
      const rest = await all(contexts(corpus, letters, shape, JSON.parse(JSON.stringify(end)) as typeof end))
      expect(rest).toEqual(rows.slice(i + 1))
    }
  })

  test('shuffled: going on in a later group gives what follows', async () => {
    // Three rows of this size make a group.
    const shape = { ...SHUFFLED, contextSize: 300_000 }
    const big = corpusOf('text', [write('big.txt', alphabet.repeat(60_000))])
    const rows = await all(contexts(big, letters, shape))
    expect(rows.map(({ end }) => [end.group, end.given])).toEqual(
      [1, 2, 3, 1, 2].map((given, i) => [i < 3 ? 0 : 1, given]),
    )
    expect(await all(contexts(big, letters, shape, rows[3].end))).toEqual(rows.slice(4))
  })

  test('a seed decides the order, and every row is there once', async () => {
    const read = async (seed: number): Promise<string[]> =>
      (await all(contexts(corpusOf('text', [files[0]]), letters, { ...SHUFFLED, seed }))).map(({ ids }) =>
        textOf(ids),
      )
    const inOrder = (await all(contexts(corpusOf('text', [files[0]]), letters, SHAPE))).map(({ ids }) =>
      textOf(ids),
    )
    expect(await read(1)).toEqual(await read(1))
    expect(await read(1)).not.toEqual(await read(2))
    expect(await read(1)).not.toEqual(inOrder)
    expect((await read(1)).sort()).toEqual(inOrder.sort())
  })

  test('an id that the model does not have is named', async () => {
    const problem = await problemFrom(() =>
      all(contexts(corpus, letters, { ...SHAPE, vocabSize: 'd'.charCodeAt(0) })),
    )
    expect(problem).toMatchObject({
      code: 'mismatch',
      message: expect.stringContaining('token id 100 (at position 1)'),
    })
  })

  test('a file that changed since it was added is named, with both sizes', async () => {
    const file = write('changing.txt', 'first text')
    const added = corpusOf('text', [file])
    write('changing.txt', 'a longer text')
    expect((await problemFrom(() => all(contexts(added, letters, SHAPE)))).message).toBe(
      'it has 13 bytes, it had 10 when it was added',
    )
  })
})

describe('rows of token ids', () => {
  const file = `${folder}/rows.safetensors`
  const ids = Int32Array.from({ length: 5 * 4 }, (_, i) => 10 + i)
  writeSafetensors(file, { ids: { dtype: 'I32', shape: [5, 4], pieces: [ids] } })
  const rows = corpusOf('tokens', [file], { field: 'ids', rows: 5, contextSize: 4 })

  test('are taken as they are, and reading goes on at any of them', async () => {
    const read = await all(contexts(rows, null, SHAPE))
    expect(read.flatMap((row) => [...row.ids])).toEqual([...ids])
    expect(await all(contexts(rows, null, SHAPE, read[2].end))).toEqual(read.slice(3))
  })

  test('are shuffled by rows', async () => {
    const read = await all(contexts(rows, null, SHUFFLED))
    expect(read.map((row) => row.ids[0])).not.toEqual([10, 14, 18, 22, 26])
    expect(read.map((row) => row.ids[0]).sort()).toEqual([10, 14, 18, 22, 26])
  })
})
