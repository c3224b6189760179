// Every tensor of the reference runs (PyTorch, Hugging Face transformers, float32) within 1e-4.
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { openFolder } from '../../../src-main/language-model/inspect.ts'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { OutputHead } from '../../../src-main/language-model/output-head.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { shared, testWithShared } from '../../shared.ts'
import { maxDifference, modelOf } from './model-of.ts'

const TOLERANCE = 1e-4
const PROMPTS = ['p0', 'p1']

describe.each(['stories260K', 'neox-wiki-seed0', 'gpt2-wiki'])('%s', (name) => {
  const folder = join(shared, 'models', name)
  const reference = () => openSafetensors(join(shared, 'reference', `${name}.safetensors`))

  testWithShared('gives the reference activations at every hook point, all in one run', async () => {
    const model = await openLanguageModel(await modelOf(folder), { threads: 1 })
    const file = reference()
    for (const prompt of PROMPTS) {
      const hooks = [...file.tensors.keys()]
        .filter((key) => key.startsWith(`${prompt}/blocks.`))
        .map((key) => key.slice(3))
      expect(hooks.length).toBeGreaterThan(0)
      const outputs = await model.runTo(hooks, file.readI32(`${prompt}/input_ids`), 1)
      for (const [i, hook] of hooks.entries())
        expect(
          maxDifference(outputs[i], file.readF32(`${prompt}/${hook}`)),
          `${prompt} ${hook}`,
        ).toBeLessThan(TOLERANCE)
    }
    await model.close()
  })

  testWithShared('gives the reference final norm and logits', async () => {
    const { architecture, checkpoint } = openFolder(folder)
    const head = new OutputHead(architecture, checkpoint, 1)
    const model = await openLanguageModel(await modelOf(folder), { threads: 1 })
    const last = `blocks.${architecture.layers - 1}.hook_resid_post`
    const file = reference()
    for (const prompt of PROMPTS) {
      const ids = file.readI32(`${prompt}/input_ids`)
      const [residual] = await model.runTo([last], ids, 1)
      expect(maxDifference(await head.normed(residual), file.readF32(`${prompt}/ln_final_out`))).toBeLessThan(
        TOLERANCE,
      )
      expect(maxDifference(await model.logits(ids, 1), file.readF32(`${prompt}/logits`))).toBeLessThan(
        TOLERANCE,
      )
    }
    await head.close()
    await model.close()
  })

  testWithShared('gives the reference next-token losses', async () => {
    const model = await openLanguageModel(await modelOf(folder), { threads: 1 })
    const file = reference()
    const losses = await model.tokenLoss(file.readI32('slice/input_ids'), 8)
    expect(maxDifference(losses, file.readF32('slice/token_loss'))).toBeLessThan(TOLERANCE)
    await model.close()
  })

  testWithShared('run to a hook point and on from it, it gives the same losses as in one go', async () => {
    const model = await openLanguageModel(await modelOf(folder), { threads: 1 })
    const ids = reference()
      .readI32('slice/input_ids')
      .subarray(0, 2 * 256)
    const whole = await model.tokenLoss(ids, 2)
    for (const { name: hook } of model.model.hookPoints.filter(
      ({ layer }) => layer === null || layer === 1,
    )) {
      const [activations] = await model.runTo([hook], ids, 2)
      expect(maxDifference(await model.runFrom(hook, activations, ids, 2), whole), hook).toBeLessThan(1e-5)
    }
    await model.close()
  })
})
