import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ModelDevice } from '#contract/model.ts'
import { openForTyped } from '../../../src-main/features/open-for-typed.ts'
import type { ChooseProvider } from '../../../src-main/language-model/provider.ts'
import { changeEngineSettings } from '../../../src-main/store/engine-settings.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { fixtures, modelOf } from '../language-model/model-of.ts'

const folder = mkdtempSync(join(tmpdir(), 'suture-typed-'))
const workspace = openWorkspace(folder)
afterAll(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})
const asked: ModelDevice[] = []
const withoutGpu: ChooseProvider = (device) => {
  asked.push(device)
  return Promise.resolve({ provider: 'cpu', reason: device === 'cpu' ? null : 'webgpu backend: no adapter.' })
}

test('a sentence goes to the GPU where the settings choose it, else to the cpu; a GPU that is missing is noted', async () => {
  const model = await modelOf(join(fixtures, 'qwen2'))
  const note = async (): Promise<string | null> => {
    const opened = await openForTyped(workspace, model, 'blocks.0.hook_resid_pre', withoutGpu)
    await opened.languageModel.close()
    return opened.note
  }
  expect(await note()).toBeNull()
  changeEngineSettings(workspace.db, { backend: 'webgpu' })
  expect(await note()).toBe('The model ran on the cpu. webgpu backend: no adapter.')
  changeEngineSettings(workspace.db, { backend: 'cpu' })
  expect(await note()).toBeNull()
  expect(asked).toEqual(['cpu', 'webgpu', 'cpu'])
})
