// Runs of many rows are shared among threads with sessions of their own: the same numbers, at every hook point.
import { expect, test } from 'vitest'
import type { Model } from '#contract/model.ts'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { fixtures, maxDifference, modelOf } from './model-of.ts'

const CONTEXT = 16
/** Three parts of 256 tokens, the last not whole. */
const ROWS = 40

const idsFor = ({ vocabSize }: Model): Int32Array =>
  Int32Array.from({ length: ROWS * CONTEXT }, (_, i) => (i * 29 + (i >> 3)) % vocabSize)

test.each(['gpt2-hub', 'neox-parallel', 'qwen3'])('%s: two threads give what one gives', async (name) => {
  const model = await modelOf(`${fixtures}/${name}`)
  const ids = idsFor(model)
  const hooks = model.hookPoints.map((point) => point.name)
  const alone = await openLanguageModel(model, { threads: 1 })
  const together = await openLanguageModel(model, { threads: 2 })
  const expected = await alone.runTo(hooks, ids, ROWS)
  // Twice at the same time: neither takes the memory of the other.
  const [first, second] = await Promise.all([1, 2].map(() => together.runTo(hooks, ids, ROWS)))
  for (const [i, values] of expected.entries()) {
    expect(maxDifference(first[i], values), hooks[i]).toBeLessThan(1e-6)
    expect(second[i]).toEqual(first[i])
    expect(first[i].buffer).toBeInstanceOf(ArrayBuffer)
  }
  const [middle, fewer] = ['blocks.1.hook_resid_pre', ids.subarray(0, CONTEXT)]
  const given = first[hooks.indexOf(middle)]
  expect(
    maxDifference(await together.runFrom(middle, given, ids, ROWS), await alone.tokenLoss(ids, ROWS)),
  ).toBeLessThan(1e-5)
  const [ofFewer] = await together.runTo([middle], fewer, 1)
  expect(maxDifference(ofFewer, given.subarray(0, ofFewer.length))).toBeLessThan(1e-6)
  await alone.close()
  await together.close()
})

test('centred activations are centred in either way', async () => {
  const model = await modelOf(`${fixtures}/gpt2-hub`, true)
  const ids = idsFor(model)
  const hooks = ['hook_embed', 'blocks.1.hook_resid_pre']
  const alone = await openLanguageModel(model, { threads: 1 })
  const together = await openLanguageModel(model, { threads: 2 })
  const expected = await alone.runTo(hooks, ids, ROWS)
  const found = await together.runTo(hooks, ids, ROWS)
  for (const [i, values] of expected.entries())
    expect(maxDifference(found[i], values), hooks[i]).toBeLessThan(1e-6)
  expect(maxDifference((await together.runTo(['hook_embed'], ids, ROWS))[0], expected[0])).toBeLessThan(1e-6)
  await alone.close()
  await together.close()
})
