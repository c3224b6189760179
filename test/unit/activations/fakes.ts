import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobControl } from '#contract/job.ts'
import { HarvestRequest } from '#contract/activation-set.ts'
import type { Corpus } from '#contract/corpus.ts'
import { ModelId } from '#contract/ids.ts'
import type { Model } from '#contract/model.ts'
import type { HarvestTools } from '../../../src-main/activations/harvest.ts'
import { addCorpus } from '../../../src-main/corpus/add-corpus.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'

export const D = 8
export const HOOKS = ['blocks.0.hook_resid_pre', 'blocks.0.mlp.hook_post'] as const
export const WIDTHS: Record<string, number> = { [HOOKS[0]]: D, [HOOKS[1]]: 4 * D }

/** The activation of a fake model: one number for each id, position and dimension, and a hook point of its own. */
export const activation = (hook: string, id: number, position: number, i: number): number =>
  Math.fround(Math.sin(id + 10 * position + 100 * i) * (hook === HOOKS[0] ? 1 : 3))

/** A model whose ids are bytes and whose activations are `activation`, and how it reads text. */
export const fakeTools = (): HarvestTools => ({
  tokenizer: { encodePlain: (text) => [...Buffer.from(text)] },
  languageModel: {
    runTo: (hookNames, ids, rows) =>
      Promise.resolve(
        hookNames.map((hook) => {
          const width = WIDTHS[hook]
          const out = new Float32Array(ids.length * width)
          const context = ids.length / rows
          for (let t = 0; t < ids.length; t++)
            for (let i = 0; i < width; i++) out[t * width + i] = activation(hook, ids[t], t % context, i)
          return out
        }),
      ),
  },
})

export const fakeModel: Model = {
  id: ModelId.parse('m-fakefake'),
  name: 'fake',
  createdAt: '2026-01-01T00:00:00.000Z',
  provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
  folder: '/nowhere',
  family: 'llama',
  dModel: D,
  layers: 1,
  heads: 1,
  vocabSize: 256,
  contextSize: 64,
  parallelResidual: false,
  parameters: 0,
  weightBytes: 0,
  weightDtype: 'F32',
  hookPoints: HOOKS.map((name) => ({ name, layer: 0, width: WIDTHS[name] })),
  bosId: 0,
  prependBos: true,
  hasTokenizer: true,
  centerWritingWeights: false,
}

/** Text in which no two rows are alike. */
export const numberedText = (words: number): string =>
  Array.from({ length: words }, (_, i) => `w${i}`).join(' ')

export interface TestWorkspace {
  workspace: Workspace
  corpus: Corpus
  remove(): void
}

/** A workspace with the fake model and a corpus. */
export async function testWorkspace(text: string): Promise<TestWorkspace> {
  const folder = mkdtempSync(join(tmpdir(), 'suture-activations-'))
  const workspace = openWorkspace(join(folder, 'workspace'))
  workspace.models.put(fakeModel)
  const file = join(folder, 'text.txt')
  writeFileSync(file, text)
  const corpus = await addCorpus(workspace, { files: [file] })
  const remove = (): void => {
    workspace.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { workspace, corpus, remove }
}

export const requestOf = (corpus: Corpus, changes: Partial<HarvestRequest> = {}) =>
  HarvestRequest.parse({
    modelId: fakeModel.id,
    corpusId: corpus.id,
    hookNames: [HOOKS[0]],
    tokens: 1000,
    contextSize: 16,
    ...changes,
  })

/** Nobody asks to stop. */
export const unstoppable: JobControl = { report: () => {}, stopAsked: false, checkpoint: () => {} }
