import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JobControl } from '#contract/job.ts'
import type { Model } from '#contract/model.ts'
import { Stopped } from '../../../src-main/jobs/control.ts'
import { readSaelensFolder } from '../../../src-main/sae/formats/saelens.ts'
import {
  checkImport,
  discardImport,
  importSae,
  inspectSaes,
  type ImportParams,
} from '../../../src-main/sae/import.ts'
import { loadSae } from '../../../src-main/sae/load.ts'
import { matchModel } from '../../../src-main/sae/model-match.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/saes')
const never: JobControl = { report: () => {}, stopAsked: false, checkpoint: () => {} }

let folder: string
let workspace: Workspace
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-'))
  workspace = openWorkspace(join(folder, 'workspace'))
})
afterEach(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})
const params = (path: string, more: Partial<ImportParams> = {}): ImportParams => ({
  id: workspace.saes.newId(),
  path: join(fixtures, path),
  set: {},
  ...more,
})

const model = (name: string, width: number, more: Partial<Model> = {}): Model => ({
  id: workspace.models.newId(),
  name,
  createdAt: new Date().toISOString(),
  provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
  folder: `/models/${name}`,
  family: 'gpt2',
  dModel: width,
  layers: 2,
  heads: 1,
  vocabSize: 10,
  contextSize: 16,
  parallelResidual: false,
  parameters: 1,
  weightBytes: 4,
  weightDtype: 'F32',
  hookPoints: [{ name: 'blocks.1.hook_resid_pre', layer: 1, width }],
  centerWritingWeights: false,
  bosId: null,
  prependBos: false,
  hasTokenizer: false,
  ...more,
})

describe('an import', () => {
  test('keeps a copy as a SAELens folder, with every assumption and where it came from', async () => {
    const { sae } = await importSae(workspace, params('dictionary_learning/AutoEncoderNew'), never)
    expect([sae.architecture, sae.dIn, sae.dSae, sae.hookName]).toEqual([
      'standard',
      6,
      10,
      'blocks.3.hook_resid_post',
    ])
    expect(sae.assumptions).toContainEqual({ about: 'b_dec', value: 'not subtracted', from: 'default' })
    expect(sae.assumptions).toContainEqual({ about: 'architecture', value: 'standard', from: 'file' })
    expect(sae.assumptions).toContainEqual({
      about: 'hook',
      value: 'blocks.3.hook_resid_post',
      from: 'guess',
    })
    const { weights } = loadSae(workspace, sae.id)
    expect(weights.appliesBDecToInput).toBe(false)
  })

  test('does as a person says, and says that they said so', async () => {
    const set = {
      b_dec: 'not subtracted',
      folding: 'decoder norm',
      hook: 'blocks.7.hook_mlp_out',
      bos: 'not prepended',
    }
    const { sae, weights } = await importSae(workspace, params('saelens/standard', { set }), never)
    expect(weights.appliesBDecToInput).toBe(false)
    expect(Math.hypot(...weights.decoder.subarray(0, 6))).toBeCloseTo(1, 5)
    expect(sae.hookName).toBe('blocks.7.hook_mlp_out')
    expect(sae.assumptions.filter(({ from }) => from === 'you').map(({ about }) => about)).toEqual([
      'b_dec', 'folding', 'hook', 'bos',
    ]) // prettier-ignore
    const cfg = JSON.parse(readFileSync(join(workspace.saeFolder(sae.id), 'cfg.json'), 'utf8')) as {
      metadata: unknown
    }
    expect(cfg.metadata).toMatchObject({
      hook_name: 'blocks.7.hook_mlp_out',
      prepend_bos: false,
      context_size: 128,
    })
  })

  test.each([
    [{ colour: 'red' }, 'there is no such assumption to set'],
    [{ b_dec: 'maybe' }, '"maybe" was given'],
    [{ k: '2.5' }, '"2.5" is not a whole number'],
    [{ scale: '-1' }, '"-1" is not a positive number'],
  ])('with %o is refused before a job is made of it', async (set, words) => {
    await expect(checkImport(workspace, params('saelens/topk', { set }))).rejects.toThrow(words)
  })

  test('folds what cannot be folded exactly only by refusing it', async () => {
    const request = params('saelens/topk', { set: { folding: 'decoder norm' } })
    await expect(importSae(workspace, request, never)).rejects.toThrow('would change which 3 features')
    expect(workspace.saes.list()).toEqual([])
  })

  test('of a format that is named is refused when it is not that', async () => {
    await expect(checkImport(workspace, params('saelens/topk', { format: 'sparsify' }))).rejects.toThrow(
      'no SAE of the format sparsify',
    )
  })

  test('that is stopped leaves nothing listed, and its remains can be removed', async () => {
    const request = params('saelens/standard')
    const stopping: JobControl = { ...never, checkpoint: () => { throw new Stopped('cancel') } } // prettier-ignore
    await expect(importSae(workspace, request, stopping)).rejects.toThrow('stopped')
    expect(workspace.saes.list()).toEqual([])
    discardImport(workspace, request)
    expect(existsSync(workspace.saeFolder(request.id))).toBe(false)
  })

  test('that is run again after it was done does nothing', async () => {
    const request = params('saelens/standard')
    const first = await importSae(workspace, request, never)
    expect((await importSae(workspace, request, never)).sae).toEqual(first.sae)
    expect(workspace.saes.list()).toHaveLength(1)
  })

  test('of an SAE that was exported from here gives the same weights', async () => {
    const { weights } = await importSae(
      workspace,
      params('dictionary_learning/MatryoshkaBatchTopKSAE'),
      never,
    )
    const { sae } = await importSae(workspace, params('dictionary_learning/MatryoshkaBatchTopKSAE'), never)
    const again = await importSae(
      workspace,
      { ...params('saelens/standard'), path: workspace.saeFolder(sae.id) },
      never,
    )
    expect(again.weights).toEqual(weights)
    expect(again.weights.prefixes).toEqual([2, 5, 10])
  })

  test('of an SAE for centred activations says so where the model does not give them', async () => {
    workspace.models.put(
      model('gpt2', 6, { hookPoints: [{ name: 'blocks.8.hook_resid_pre', layer: 8, width: 6 }] }),
    )
    const { sae } = await importSae(workspace, params('saelens/old-gpt2'), never)
    expect(sae.warnings?.[0]).toContain('activations without their mean over d, and those of "gpt2" have it')
    const set = { centring: 'folded into the encoder' }
    const folded = await importSae(workspace, params('saelens/old-gpt2', { set }), never)
    expect(folded.sae.warnings).toEqual([])
    const row = folded.weights.encoder.subarray(0, 6)
    expect(row.reduce((sum, v) => sum + v, 0)).toBeCloseTo(0, 5)
  })
})

describe('a look into files', () => {
  test('shows tensors with their shapes and reads no weights', async () => {
    const copy = join(folder, 'topk')
    cpSync(join(fixtures, 'saelens/topk'), copy, { recursive: true })
    const weights = join(copy, 'sae_weights.safetensors')
    const bytes = readFileSync(weights)
    // Numbers that would be refused if they were read.
    writeFileSync(weights, bytes.fill(0xff, bytes.length - 64))
    const { found } = await inspectSaes(workspace, { path: copy, set: {} })
    expect(found[0].tensors).toContainEqual({ name: 'W_enc', dtype: 'F32', shape: [6, 10] })
    expect(found[0].assumptions).toContainEqual({ about: 'k', value: '3', from: 'file' })
    expect(() => readSaelensFolder(copy)).toThrow('has the value NaN')
  })

  test('goes on past what cannot be read, and says what that is', async () => {
    const { found, broken } = await inspectSaes(workspace, { path: fixtures, set: {} })
    expect(found.length).toBeGreaterThan(40)
    const hostile = broken.find(({ path }) => path.endsWith('reduce.pt'))
    expect(hostile?.problem.message).toContain('system, which is code and is never run')
    expect(existsSync('OWNED')).toBe(false)
  })

  test('of a folder with several says which there are', async () => {
    await expect(checkImport(workspace, params('sparsify'))).rejects.toThrow('it holds 3 SAEs')
  })
})

describe('the model an SAE belongs to', () => {
  const about = { name: 'gpt2-small', hookName: 'blocks.1.hook_resid_pre', dIn: 6, centred: false }
  test('is the one of its name, in any spelling, that has the hook point with that width', () => {
    const models = [model('other', 6), model('openai-community/gpt2', 6), model('gpt2-small', 7)]
    expect(matchModel(models, about)?.model.name).toBe('openai-community/gpt2')
    expect(matchModel([models[2]], about)).toBeNull()
  })
  test('is the only one that fits where the file names none, as a guess', () => {
    const unnamed = { ...about, name: null }
    expect(matchModel([model('one', 6), model('wide', 8)], unnamed)).toMatchObject({
      from: 'guess',
      model: { name: 'one' },
    })
    expect(matchModel([model('one', 6), model('two', 6)], unnamed)).toBeNull()
  })
  test('is the centred one of two where the SAE was trained so', () => {
    const models = [model('gpt2-small', 6), model('gpt2-small', 6, { centerWritingWeights: true })]
    expect(matchModel(models, { ...about, centred: true })?.model).toBe(models[1])
    expect(matchModel(models, about)?.model).toBe(models[0])
  })
})
