import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { HarvestRequest } from '#contract/activation-set.ts'
import { harvestJob } from '../../../src-main/activations/harvest.ts'
import { prepareHarvest } from '../../../src-main/activations/harvest-plan.ts'
import { openActivations } from '../../../src-main/activations/reader.ts'
import { addTokenCorpus } from '../../../src-main/corpus/add-corpus.ts'
import { inspectFolder } from '../../../src-main/language-model/inspect.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { shared, testWithShared } from '../../shared.ts'
import { fakeModel, unstoppable } from './fakes.ts'

testWithShared('stories260K over given rows of ids has the activations that PyTorch computed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'suture-real-'))
  const workspace = openWorkspace(folder)
  try {
    const { id, createdAt, provenance } = fakeModel
    const facts = await inspectFolder(join(shared, 'models/stories260K'))
    const model = workspace.models.put({ id, createdAt, provenance, name: 'stories260K', ...facts })
    const file = join(shared, 'reference/saes-stories260K.safetensors')
    const reference = openSafetensors(file)
    const corpus = addTokenCorpus(workspace, { file, tensor: 'ids' })
    const request = HarvestRequest.parse({
      modelId: model.id,
      corpusId: corpus.id,
      hookNames: ['blocks.2.hook_resid_pre'],
      tokens: 8 * 256,
    })
    const plan = prepareHarvest(workspace, request)
    expect(await harvestJob(plan, workspace, unstoppable)).toMatchObject({ rows: 8, tokens: 2048 })

    const reader = openActivations(workspace, plan.sets[0].id)
    expect(reader.set).toMatchObject({ contextSize: 256, prependBos: true })
    expect(reader.ids(0, 2048)).toEqual(reference.readI32('ids', 0, 8))
    const expected = reference.readF32('activations_f32', 0, 2048)
    const furthest = reader.read(0, 2048).reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i])), 0)
    reader.close()
    expect(furthest).toBeLessThan(1e-4)
  } finally {
    workspace.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
