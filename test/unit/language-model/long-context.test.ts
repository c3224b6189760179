// Long rows go through another attention kernel: both must say the same, and neither may look ahead.
import { expect, test } from 'vitest'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { LONG_CONTEXT } from '../../../src-main/language-model/passage.ts'
import { copyOf, editConfig } from './edit-checkpoint.ts'
import { maxDifference, modelOf } from './model-of.ts'

test.each(['llama3', 'qwen2', 'qwen3', 'neox-parallel'])(
  '%s: a long row begins as a short one',
  async (name) => {
    const folder = copyOf(name)
    editConfig(folder, { max_position_embeddings: 2 * LONG_CONTEXT })
    const model = await openLanguageModel(await modelOf(folder), { threads: 2 })
    const long = Int32Array.from({ length: LONG_CONTEXT + 9 }, (_, i) => (i * 29 + (i >> 3)) % 48)
    const short = long.slice(0, LONG_CONTEXT)
    const hooks = ['blocks.0.attn.hook_z', 'blocks.1.hook_resid_post']
    const [ofLong, ofShort] = [await model.runTo(hooks, long, 1), await model.runTo(hooks, short, 1)]
    for (const [i, values] of ofShort.entries())
      expect(maxDifference(ofLong[i].subarray(0, values.length), values), hooks[i]).toBeLessThan(1e-4)
    const losses = await model.tokenLoss(long, 1)
    expect(maxDifference(losses.subarray(0, LONG_CONTEXT - 1), await model.tokenLoss(short, 1))).toBeLessThan(
      1e-4,
    )
    await model.close()
  },
)
