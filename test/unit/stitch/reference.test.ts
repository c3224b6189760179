import { afterAll, beforeAll, expect } from 'vitest'
import { Session } from '../../../src-main/stitch/session.ts'
import { reference, referenceSae, referenceTensors, expectClose } from '../compare/reference.ts'
import { hasShared, testWithShared } from '../../shared.ts'
import { edit, prepared, stitchWorkspace, type Stitched } from './stitched.ts'

const NAMES = ['relu-64', 'relu-128', 'relu-256']
let made: Stitched
beforeAll(() => {
  if (hasShared)
    made = stitchWorkspace(NAMES.map(referenceSae), referenceTensors().readF32('activations_f32'), 256)
})
afterAll(() => (hasShared ? made.remove() : undefined))

testWithShared(
  'every single ΔMSE, all novel features at once and what they leave, against the reference',
  async () => {
    const { stitch: wanted, saes } = reference()
    for (const want of Object.values(wanted)) {
      const stitch = await prepared(made, { base: NAMES.indexOf(want.small), donor: NAMES.indexOf(want.big) })
      const session = await Session.open(made.workspace, stitch.id)
      const { deltaMse } = await session.turn((s) => s.effects())
      expectClose(deltaMse.subarray(stitch.baseCount), want.delta_mse_single)
      const { before, after } = await session.turn((s) => s.apply(edit(want.novel_features)))
      const { mse_sum_over_d, L0, explained_variance } = saes[want.small]
      expectClose([before.mse, before.l0, before.explainedVariance], [mse_sum_over_d, L0, explained_variance])
      expectClose([after.mse - before.mse], [want.delta_mse_all_novel])
      expectClose([after.mse], [want.mse_after_all_novel])

      const { inHybrid } = await session.turn((s) => s.effects())
      expect(inHybrid.reduce((sum, n) => sum + n, 0)).toBe(stitch.baseCount + want.n_novel)
      const undone = await session.turn((s) => s.undo())
      expectClose([undone.after.mse], [mse_sum_over_d])
      await session.close()
    }
  },
)
