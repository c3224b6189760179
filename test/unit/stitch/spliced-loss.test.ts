import { join } from 'node:path'
import { expect } from 'vitest'
import { openActivations } from '../../../src-main/activations/reader.ts'
import { openLanguageModel } from '../../../src-main/language-model/language-model.ts'
import { measureLosses, LossParams } from '../../../src-main/stitch/loss-job.ts'
import type { ChooseProvider } from '../../../src-main/language-model/provider.ts'
import { Session } from '../../../src-main/stitch/session.ts'
import { saeLoss, splicedLoss } from '../../../src-main/stitch/spliced-loss.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { saveSae } from '../../../src-main/sae/load.ts'
import { shared, testWithShared } from '../../shared.ts'
import { reference, referenceSae, referenceTensors } from '../compare/reference.ts'
import { putActivations, saeRow, temporaryFolder } from '../features/fakes.ts'
import { modelOf } from '../language-model/model-of.ts'
import { edit, prepared } from './stitched.ts'

const HOOK = 'blocks.2.hook_resid_pre'

/** The reference's rows as activations of the real model. */
async function realWorkspace() {
  const { folder, remove } = temporaryFolder()
  const workspace = openWorkspace(folder)
  const model = workspace.models.put(await modelOf(join(shared, 'models/stories260K')))
  const set = putActivations(workspace, {
    ids: [...referenceTensors().readI32('ids')],
    contextSize: 256,
    x: referenceTensors().readF32('activations_f32'),
    dIn: 64,
    modelId: model.id,
  })
  const activations = workspace.activationSets.update(set.id, { hookName: HOOK })
  const saes = ['relu-64', 'relu-128'].map((name) => {
    const weights = referenceSae(name)
    return saveSae(workspace, saeRow(workspace, weights, { name, hookName: HOOK }), weights)
  })
  return { workspace, model, activations, saes, remove: () => (workspace.close(), remove()) }
}

testWithShared('the loss with nothing changed, and with two SAEs put in, is the reference’s', async () => {
  const made = await realWorkspace()
  const model = await openLanguageModel(made.model)
  const reader = openActivations(made.workspace, made.activations.id)
  const settings = { rows: 40, skipPosition0: false }
  const { loss_clean, saes } = reference()
  try {
    expect(await splicedLoss(model, reader, settings, (x) => x.slice())).toBeCloseTo(loss_clean, 4)
    for (const name of ['relu-64', 'topk-256'])
      expect(await saeLoss(model, reader, settings, referenceSae(name))).toBeCloseTo(
        saes[name].loss_spliced,
        4,
      )
  } finally {
    reader.close()
    await model.close()
    made.remove()
  }
})

testWithShared('losses of points of a history are measured once, and kept with the stitch', async () => {
  const made = await realWorkspace()
  try {
    const stitch = await prepared(made)
    const session = await Session.open(made.workspace, stitch.id)
    const { point } = await session.turn((s) => s.apply(edit([0, 3, 5])))
    const asked = LossParams.parse({ stitchId: stitch.id, points: [0, point], rows: 2 })
    const unstoppable = { report: () => {}, stopAsked: false, checkpoint: () => {} }
    expect(await measureLosses(asked, made.workspace, unstoppable)).toMatchObject({
      measured: 2,
      ranOn: 'cpu',
      reason: null,
    })
    expect(await measureLosses(asked, made.workspace, unstoppable)).toMatchObject({ measured: 0 })
    const devices: string[] = []
    const choose: ChooseProvider = async (device) => {
      devices.push(device)
      return { provider: 'cpu', reason: null }
    }
    await measureLosses(asked, made.workspace, unstoppable, choose)
    await measureLosses({ ...asked, quiet: true }, made.workspace, unstoppable, choose)
    expect(devices).toEqual(['auto', 'cpu']) // a quiet one runs beside a job that may have the GPU
    const { point: second } = await session.turn((s) => s.apply(edit([7])))
    const { point: third } = await session.turn((s) => s.apply(edit([9])))
    await Promise.all(
      [second, third].map((at) => measureLosses({ ...asked, points: [at] }, made.workspace, unstoppable)),
    )
    const losses = await session.turn((s) => s.losses())
    expect(new Set(losses?.points.map((p) => p.point))).toEqual(new Set([0, point, second, third]))
    expect(losses?.clean).toBeLessThan(losses!.points[0].loss)
    expect(losses?.points[1].loss).not.toBe(losses!.points[0].loss)
    expect(losses?.zero).toBeGreaterThan(losses!.points[0].loss)
    const text = await session.turn((s) => s.textErrors('Once upon a time, Lily saw a big dog.'))
    expect(text.tokens.slice(0, 3).map((token) => token.trim())).toEqual(['<s>', 'Once', 'upon'])
    expect(text.base).toHaveLength(text.tokens.length)
    expect(text.hybrid).not.toEqual(text.base)
    await session.close()
  } finally {
    made.remove()
  }
})
