// Tiny random models of every family and variant against transformers (test/fixtures/language-model/generate.py).
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { fixtures, maxDifference, modelOf } from './model-of.ts'

const variants = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory())

describe.each(variants.map(({ name }) => name))('%s', (name) => {
  const folder = join(fixtures, name)
  const reference = openSafetensors(join(folder, 'reference.safetensors'))
  const ids = reference.readI32('input_ids')
  const [rows] = reference.entry('input_ids').shape

  test('agrees with transformers at every hook point it has', async () => {
    const model = await openLanguageModel(await modelOf(folder), { threads: 1 })
    const hooks = [...reference.tensors.keys()].filter((key) => key.includes('hook_'))
    expect(hooks).toHaveLength(1 + 2 * 6)
    const outputs = await model.runTo(hooks, ids, rows)
    for (const [i, hook] of hooks.entries())
      expect(maxDifference(outputs[i], reference.readF32(hook)), hook).toBeLessThan(1e-4)
    await model.close()
  })

  test('agrees in logits and next-token losses', async () => {
    const model = await openLanguageModel(await modelOf(folder), { threads: 1 })
    expect(maxDifference(await model.logits(ids, rows), reference.readF32('logits'))).toBeLessThan(1e-4)
    expect(maxDifference(await model.tokenLoss(ids, rows), reference.readF32('token_loss'))).toBeLessThan(
      1e-4,
    )
    await model.close()
  })

  test('gives the same where 16-bit matrices stay so in memory', async () => {
    const once = await openLanguageModel(await modelOf(folder), { threads: 1 })
    const eachRun = await openLanguageModel(await modelOf(folder), { threads: 1, widenedOnce: 0 })
    const hooks = once.model.hookPoints.map((point) => point.name)
    const expected = await once.runTo(hooks, ids, rows)
    for (const [i, found] of (await eachRun.runTo(hooks, ids, rows)).entries())
      expect(maxDifference(found, expected[i]), hooks[i]).toBeLessThan(1e-5)
    await once.close()
    await eachRun.close()
  })

  test('has no hook point between attention and MLP where they are parallel, and one elsewhere', async () => {
    const { hookPoints, parallelResidual } = await modelOf(folder)
    expect(parallelResidual).toBe(name === 'neox-parallel')
    expect(hookPoints.some((point) => point.name.endsWith('resid_mid'))).toBe(!parallelResidual)
  })
})
