import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { JobControl } from '#contract/job.ts'
import { PerplexityRequest } from '#contract/model.ts'
import { addTokenCorpus } from '../../../src-main/corpus/add-corpus.ts'
import { addModel } from '../../../src-main/language-model/add-model.ts'
import { perplexityJob, planPerplexity } from '../../../src-main/language-model/perplexity.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { temporaryFolder } from './edit-checkpoint.ts'
import { fixtures } from './model-of.ts'

const control: JobControl = { report: () => {}, stopAsked: false, checkpoint: () => {} }

test('is the mean of the reference losses over all predictions, and e to it', async () => {
  const workspace = openWorkspace(temporaryFolder())
  const folder = join(fixtures, 'qwen2')
  const file = join(folder, 'reference.safetensors')
  const model = await addModel(workspace, { folder, centerWritingWeights: false })
  const corpus = addTokenCorpus(workspace, { file, tensor: 'input_ids' })
  const ask = (tokens: number) =>
    planPerplexity(workspace, PerplexityRequest.parse({ id: model.id, corpusId: corpus.id, tokens }))

  const losses = openSafetensors(file).readF32('token_loss')
  const mean = (some: Float32Array): number => some.reduce((sum, loss) => sum + loss, 0) / some.length
  const all = await perplexityJob(ask(32), workspace, control)
  expect(all).toMatchObject({ predictions: 30, tokens: 32, contextSize: 16 })
  expect(all['loss']).toBeCloseTo(mean(losses), 4)
  expect(all['perplexity']).toBeCloseTo(Math.exp(mean(losses)), 2)

  const first = await perplexityJob(ask(10), workspace, control)
  expect(first).toMatchObject({ predictions: 15, tokens: 16 })
  expect(first['loss']).toBeCloseTo(mean(losses.subarray(0, 15)), 4)
  workspace.close()
})
