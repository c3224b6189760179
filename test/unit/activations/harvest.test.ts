import { existsSync, rmSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ActivationSetId } from '#contract/ids.ts'
import { discardHarvest, harvest } from '../../../src-main/activations/harvest.ts'
import {
  estimateHarvest,
  prepareHarvest,
  type HarvestPlan,
} from '../../../src-main/activations/harvest-plan.ts'
import { openActivations } from '../../../src-main/activations/reader.ts'
import { addCorpus } from '../../../src-main/corpus/add-corpus.ts'
import { checkRoom } from '../../../src-main/activations/room-on-disk.ts'
import { verifyActivations } from '../../../src-main/activations/verify.ts'
import type { Workspace } from '../../../src-main/store/workspace.ts'
import { problemFrom } from '../corpus/helpers.ts'
import {
  activation,
  D,
  fakeTools,
  HOOKS,
  numberedText,
  requestOf,
  testWorkspace,
  unstoppable,
  WIDTHS,
  type TestWorkspace,
} from './fakes.ts'

let made: TestWorkspace[] = []
afterEach(() => {
  for (const each of made) each.remove()
  made = []
})
async function withText(text: string): Promise<TestWorkspace> {
  const test = await testWorkspace(text)
  made.push(test)
  return test
}
/** Small batches and chunks, so that a little text makes many. */
const small = (plan: HarvestPlan): HarvestPlan => ({ ...plan, rowsPerBatch: 3, rowsPerChunk: 6 })

function everything(
  workspace: Workspace,
  id: ActivationSetId,
): { activations: Float32Array; ids: Int32Array | null } {
  const reader = openActivations(workspace, id)
  const { tokens } = reader.set
  const read = { activations: reader.read(0, tokens), ids: reader.ids(0, tokens) }
  reader.close()
  return read
}

describe('a harvest', () => {
  test('keeps what the model gives at each hook point, with the ids, in rows that begin with BOS', async () => {
    const { workspace, corpus } = await withText(numberedText(500))
    const plan = small(prepareHarvest(workspace, requestOf(corpus, { hookNames: [...HOOKS], tokens: 320 })))
    expect(plan.sets.map(({ id }) => workspace.activationSets.get(id).complete)).toEqual([false, false])
    const result = await harvest(plan, fakeTools(), workspace, unstoppable)
    expect(result).toMatchObject({ rows: 20, tokens: 320, tokensAsked: 320 })
    for (const { id, hookName, dIn } of plan.sets) {
      const { activations, ids } = everything(workspace, id)
      expect([...ids!.subarray(0, 17)]).toEqual([0, ...Buffer.from('w0 w1 w2 w3 w4 '), 0])
      for (const t of [0, 1, 15, 16, 100, 319])
        expect(activations[t * dIn + 5]).toBe(activation(hookName, ids![t], t % 16, 5))
      expect(workspace.activationSets.get(id)).toMatchObject({
        complete: true,
        tokens: 320,
        rows: 20,
        hasTokens: true,
        prependBos: true,
        bytes: statSync(workspace.activationFile(id)).size,
      })
      await verifyActivations(workspace, id)
    }
  })

  test('stops at the tokens asked for, rounded up to whole rows', async () => {
    const { workspace, corpus } = await withText(numberedText(500))
    const plan = prepareHarvest(workspace, requestOf(corpus, { tokens: 17 }))
    expect(await harvest(plan, fakeTools(), workspace, unstoppable)).toMatchObject({ rows: 2, tokens: 32 })
  })

  test('of a corpus that ends early keeps what there is, and says so', async () => {
    const { workspace, corpus } = await withText('x'.repeat(100))
    const plan = small(prepareHarvest(workspace, requestOf(corpus)))
    const result = await harvest(plan, fakeTools(), workspace, unstoppable)
    expect(result).toMatchObject({ rows: 6, tokens: 96 })
    expect(result.note).toBe('The corpus has 96 tokens in whole rows of 16, fewer than the 1000 asked for.')
  })

  test('is planned for no more than the corpus can have, however much is asked for', async () => {
    const { workspace, corpus } = await withText('x'.repeat(100))
    expect(prepareHarvest(workspace, requestOf(corpus, { tokens: 1e12 })).rows).toBe(13)
  })

  test('of a corpus without one whole row is a problem, and leaves nothing', async () => {
    const { workspace, corpus } = await withText('too short')
    const plan = prepareHarvest(workspace, requestOf(corpus))
    const problem = await problemFrom(() => harvest(plan, fakeTools(), workspace, unstoppable))
    expect(problem.message).toBe('the whole corpus is shorter than one row of 16 tokens')
    expect(workspace.activationSets.list()).toEqual([])
    expect(existsSync(workspace.activationFile(plan.sets[0].id))).toBe(false)
  })

  test('whose model fails while the chunk before is not written yet ends with that failure, and keeps the chunk', async () => {
    const { workspace, corpus } = await withText(numberedText(100))
    const plan = small(prepareHarvest(workspace, requestOf(corpus, { tokens: 16 * 12 })))
    const tools = fakeTools()
    const { runTo } = tools.languageModel
    let calls = 0
    tools.languageModel.runTo = async (...asked) => {
      const call = calls++
      if (call === 1) throw new Error('the model is gone') // the first rows of the second chunk
      if (call === 0) await new Promise((resolve) => setTimeout(resolve, 20))
      return runTo(...asked)
    }
    const unheard: unknown[] = []
    const hear = (why: unknown): void => void unheard.push(why)
    process.on('unhandledRejection', hear)
    try {
      await expect(harvest(plan, tools, workspace, unstoppable)).rejects.toThrow('the model is gone')
      await new Promise(setImmediate)
      expect(unheard).toEqual([])
    } finally {
      process.off('unhandledRejection', hear)
    }
    await harvest(plan, fakeTools(), workspace, unstoppable)
    expect(everything(workspace, plan.sets[0].id).activations[3 * D]).toBeDefined()
  })

  test('in f16 keeps each value to half precision, and refuses one that does not fit', async () => {
    const { workspace, corpus } = await withText(numberedText(100))
    const plan = small(prepareHarvest(workspace, requestOf(corpus, { dtype: 'f16', tokens: 96 })))
    await harvest(plan, fakeTools(), workspace, unstoppable)
    const { activations, ids } = everything(workspace, plan.sets[0].id)
    expect(activations[3 * D]).toBe(Math.f16round(activation(HOOKS[0], ids![3], 3, 0)))

    const large = small(prepareHarvest(workspace, requestOf(corpus, { dtype: 'f16', tokens: 96 })))
    const tools = fakeTools()
    const { runTo } = tools.languageModel
    tools.languageModel.runTo = async (...asked) => {
      const out = await runTo(...asked)
      out[0][2 * D + 1] = 70_000
      return out
    }
    const problem = await problemFrom(() => harvest(large, tools, workspace, unstoppable))
    expect(problem.message).toBe('the value 70000 at row 2, column 1 is beyond what f16 holds (65504)')
  })

  test('takes about what was estimated', async () => {
    const { workspace, corpus } = await withText(numberedText(40_000))
    const request = requestOf(corpus, { hookNames: [...HOOKS], tokens: 100_000, contextSize: 64 })
    const estimate = estimateHarvest(workspace, request)
    const plan = prepareHarvest(workspace, request)
    await harvest(plan, fakeTools(), workspace, unstoppable)
    const bytes = plan.sets.reduce((sum, { id }) => sum + workspace.activationSets.get(id).bytes, 0)
    expect(bytes).toBeLessThanOrEqual(estimate)
    expect(bytes).toBeGreaterThan(0.97 * estimate)
  })

  test('is refused before the start when it does not fit the disk or the model', async () => {
    const { workspace, corpus } = await withText(numberedText(100))
    const message = async (changes: Parameters<typeof requestOf>[1]): Promise<string> =>
      (await problemFrom(() => prepareHarvest(workspace, requestOf(corpus, changes)))).message
    const parquet = resolve(import.meta.dirname, '../../fixtures/corpus/snappy.parquet')
    const packed = await addCorpus(workspace, { files: [parquet] }) // how much text it holds is not known
    const large = await problemFrom(() => prepareHarvest(workspace, requestOf(packed, { tokens: 1e13 })))
    expect(large.message).toMatch(/GB are needed, .* GB are free/)
    expect(() => checkRoom(workspace.folder, 5e9, 5e9)).toThrow('5.00 GB are needed, 5.00 GB are free')
    expect(await message({ hookNames: ['blocks.7.hook_resid_pre'] })).toBe(
      'it has no hook point "blocks.7.hook_resid_pre"',
    )
    expect(await message({ contextSize: 65 })).toMatch('reads at most 64')
    expect(workspace.activationSets.list()).toEqual([])
  })

  test('that is cancelled leaves neither files nor sets', async () => {
    const { workspace, corpus } = await withText(numberedText(500))
    const plan = small(prepareHarvest(workspace, requestOf(corpus, { hookNames: [...HOOKS] })))
    const stop = { ...unstoppable, checkpoint: () => { throw new Error('stopped') } } // prettier-ignore
    await expect(harvest(plan, fakeTools(), workspace, stop)).rejects.toThrow('stopped')
    const file = workspace.activationFile(plan.sets[0].id)
    expect(existsSync(file)).toBe(true)
    discardHarvest(plan, workspace)
    for (const ending of ['', '-wal', '-shm']) expect(existsSync(`${file}${ending}`)).toBe(false)
    expect(workspace.activationSets.list()).toEqual([])
  })
})

describe('a stopped harvest', () => {
  test.each([
    ['in order', {}],
    ['shuffled', { shuffle: true, seed: 3 }],
    ['one row per document', { packing: 'document' as const }],
  ])('goes on after any chunk as if it had never stopped: %s', async (_name, options) => {
    const text = Array.from({ length: 60 }, (_, i) => `document ${i} `.repeat(1 + (i % 9))).join(
      '<|endoftext|>',
    )
    const { workspace, corpus } = await withText(text)
    const request = requestOf(corpus, { ...options, hookNames: [...HOOKS], tokens: 600 })
    const whole = small(prepareHarvest(workspace, request))
    await harvest(whole, fakeTools(), workspace, unstoppable)
    const parts = small(prepareHarvest(workspace, request))
    let stops = 0
    const stopEachTime = { ...unstoppable, checkpoint: () => { stops++; throw new Error('stopped') } } // prettier-ignore
    for (;;)
      try {
        await harvest(parts, fakeTools(), workspace, stopEachTime)
        break
      } catch (error) {
        expect((error as Error).message).toBe('stopped')
      }
    expect(stops).toBeGreaterThan(3)
    for (const i of [0, 1])
      expect(everything(workspace, parts.sets[i].id)).toEqual(everything(workspace, whole.sets[i].id))
  })

  test('fills up a set that lacks chunks another set has', async () => {
    const { workspace, corpus } = await withText(numberedText(500))
    const plan = small(prepareHarvest(workspace, requestOf(corpus, { hookNames: [...HOOKS], tokens: 480 })))
    await harvest(plan, fakeTools(), workspace, unstoppable)
    const before = plan.sets.map(({ id }) => everything(workspace, id))
    rmSync(workspace.activationFile(plan.sets[1].id))
    await harvest(plan, fakeTools(), workspace, unstoppable)
    expect(plan.sets.map(({ id }) => everything(workspace, id))).toEqual(before)
    expect(WIDTHS[plan.sets[1].hookName]).toBe(before[1].activations.length / 480)
  })

  test('cannot be read before it is complete', async () => {
    const { workspace, corpus } = await withText(numberedText(100))
    const plan = prepareHarvest(workspace, requestOf(corpus))
    const problem = await problemFrom(() => openActivations(workspace, plan.sets[0].id))
    expect(problem).toMatchObject({ code: 'conflict', message: 'it is not complete' })
  })
})
