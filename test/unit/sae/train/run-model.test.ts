import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ModelDevice } from '#contract/model.ts'
import type { ChooseProvider } from '../../../../src-main/language-model/provider.ts'
import { openRunModel } from '../../../../src-main/sae/train/run-model.ts'
import { fixtures, modelOf } from '../../language-model/model-of.ts'
import { addActivations, newRun, withWorkspace } from './small-run.ts'

test('the model of a run goes where its steps are computed, and the run notes a GPU that it could not have', () =>
  withWorkspace(async (workspace) => {
    const model = await modelOf(join(fixtures, 'qwen2'))
    const asked: ModelDevice[] = []
    const chooseProvider: ChooseProvider = (device) => {
      asked.push(device)
      return Promise.resolve({ provider: 'cpu', reason: device === 'cpu' ? null : 'No adapter.' })
    }
    const saes = [{ architecture: 'standard' as const, width: 16, sparsity: 0.1 }]
    for (const backend of ['cpu', 'webgpu'] as const) {
      const run = newRun(workspace, addActivations(workspace), { steps: 1, batchTokens: 32, saes, backend })
      const opened = await openRunModel({ workspace, run, chooseProvider }, model, () => Promise.resolve([]))
      await opened.close()
      expect(workspace.runs.get(run.id).notes).toEqual(
        backend === 'cpu' ? [] : ['The model ran on the cpu. No adapter.'],
      )
    }
    expect(asked).toEqual(['cpu', 'webgpu'])
  }))
