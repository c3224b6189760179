import { expect, test } from 'vitest'
import type { Context, ContextEnd } from '../../../../src-main/corpus/contexts.ts'
import { START, type Place } from '../../../../src-main/sae/train/batch-source.ts'
import { ModelRows } from '../../../../src-main/sae/train/model-rows.ts'
import { ModelSource } from '../../../../src-main/sae/train/model-source.ts'

const CONTEXT = 4
const end = (row: number): ContextEnd => ({ file: 0, at: row, first: true, ids: 0, group: 0, given: 0 })

/** A corpus of rows 0, 1, 2, … whose ids count on, and a model whose activation is the id. */
function source(rows: number, over: object = {}): ModelSource {
  async function* contexts(from: ContextEnd | null): AsyncGenerator<Context> {
    for (let row = from?.at ?? 0; row < rows; row++)
      yield { ids: Int32Array.from({ length: CONTEXT }, (_, i) => row * CONTEXT + i), end: end(row + 1) }
  }
  const model = {
    runTo: (_hooks: readonly string[], ids: Int32Array) => Promise.resolve([Float32Array.from(ids)]),
    close: () => Promise.resolve(),
  }
  const hook = { name: 'blocks.0.hook_resid_pre', width: 1 }
  const settings = { batchTokens: 1 << 14, tokens: 1 << 20, seed: 1, skipPosition0: true, ...over }
  return new ModelSource(
    new ModelRows({ model, hook, contexts, contextSize: CONTEXT, subject: 'rows' }),
    settings,
  )
}

async function take(from: ModelSource, count: number, place: Place = START) {
  const taken: { x: number[]; next: Place }[] = []
  for await (const { x, next } of from.batches(place)) {
    taken.push({ x: [...x], next: JSON.parse(JSON.stringify(next)) as Place })
    if (taken.length === count) return taken
  }
  throw new Error('a source has no end')
}

test('batches hold activations of the corpus in a shuffled order, without position 0', async () => {
  const [first] = await take(source(100_000), 1)
  expect(first.x.some((id) => id % CONTEXT === 0)).toBe(false)
  expect(new Set(first.x).size).toBe(1 << 14)
  expect(first.x).not.toEqual(first.x.toSorted((a, b) => a - b))
})

test('position 0 takes part where it is not left out', async () => {
  const [first] = await take(source(100_000, { skipPosition0: false }), 1)
  expect(first.x.some((id) => id % CONTEXT === 0)).toBe(true)
})

test('from any place the same batches follow, within a block and across blocks', async () => {
  const all = await take(source(100_000), 9)
  for (const n of [2, 4, 6]) {
    const rest = await take(source(100_000), 8 - n, all[n].next)
    expect(rest).toEqual(all.slice(n + 1, 9))
  }
})

test('a corpus that ends is begun again', async () => {
  const block = (await take(source(1000), 2)).flatMap(({ x }) => x)
  expect(block).toHaveLength(1 << 15)
  expect(new Set(block).size).toBe(3000)
})

test('a corpus without a row is refused', async () => {
  await expect(take(source(0), 1)).rejects.toThrow('it has no row of 4 tokens')
})
