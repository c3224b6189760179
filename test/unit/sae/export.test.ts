import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Folding, Sae, SaeExportFormat } from '#contract/sae.ts'
import { exportSae } from '../../../src-main/sae/export.ts'
import { canonicalWeights } from '../../../src-main/sae/formats/canonical.ts'
import { saeInFolder } from '../../../src-main/sae/formats/index.ts'
import { folderFiles } from '../../../src-main/sae/formats/source.ts'
import { saveSae } from '../../../src-main/sae/load.ts'
import type { SaeWeights } from '../../../src-main/sae/weights.ts'
import { LabelStore } from '../../../src-main/store/labels.ts'
import { openNpz } from '../../../src-main/store/npz.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { readTensor } from '../../../src-main/store/tensor-file.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'
import { difference, encodeDecode } from './formats/plain.ts'
import { ARCHITECTURES, sampleInputs, sampleSae } from './formats/sample.ts'

let folder: string
let workspace: Workspace
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'export-'))
  workspace = openWorkspace(join(folder, 'workspace'))
})
afterEach(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})

function saved(weights: SaeWeights): Sae['id'] {
  const { architecture, dIn, dSae, k = null } = weights
  const id = workspace.saes.newId()
  const sae: Sae = {
    id,
    name: `a ${architecture} SAE`,
    createdAt: new Date().toISOString(),
    provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
    architecture,
    dIn,
    dSae,
    k,
    hookName: 'blocks.3.hook_resid_post',
    modelId: null,
    modelName: 'tiny',
    activationSetId: null,
    runId: null,
    assumptions: [],
    metrics: null,
    complete: true,
  }
  return saveSae(workspace, sae, weights).id
}
type WeightFormat = Exclude<SaeExportFormat, 'neuronpedia-pages'>
const exported = (weights: SaeWeights, format: WeightFormat, fold: Folding[] = []): string => {
  const to = join(folder, 'out')
  exportSae(workspace, { id: saved(weights), to, format, fold })
  return to
}
function readBack(path: string): SaeWeights {
  const found = saeInFolder(folderFiles(path), '')
  if (!found) throw new Error('the export was not recognised')
  expect(found.claims.hook.value).toBe('blocks.3.hook_resid_post')
  expect(found.claims.model.value).toBe('tiny')
  return canonicalWeights(found)
}
const x = sampleInputs(40)

describe('a SAELens folder', () => {
  test.each(ARCHITECTURES)('of a %s SAE is read back exactly', (kind) => {
    expect(readBack(exported(sampleSae(kind), 'saelens'))).toEqual(sampleSae(kind))
  })

  test('folded as asked reconstructs the same, without b_dec at its input and with unit directions', () => {
    const sae = sampleSae('jumprelu')
    const out = readBack(exported(sae, 'saelens', ['decoder-norm', 'b-dec']))
    expect(out.appliesBDecToInput).toBe(false)
    expect(Math.hypot(...out.decoder.subarray(0, 5))).toBeCloseTo(1, 5)
    expect(difference(encodeDecode(sae, x).out, encodeDecode(out, x).out)).toBeLessThan(1e-5)
  })

  test('says a version, without which SAELens would drop what it says of the model', () => {
    const cfg = JSON.parse(
      readFileSync(join(exported(sampleSae('topk'), 'saelens'), 'cfg.json'), 'utf8'),
    ) as object
    expect(cfg).toMatchObject({
      architecture: 'topk',
      k: 3,
      metadata: { sae_lens_version: '6.0.0', hook_name: 'blocks.3.hook_resid_post' },
    })
  })
})

describe('the tensors of dictionary_learning', () => {
  test.each(ARCHITECTURES)('of a %s SAE give the same codes and reconstructions', (kind) => {
    const sae = sampleSae(kind)
    const out = readBack(exported(sae, 'dictionary-learning'))
    const [before, after] = [encodeDecode(sae, x), encodeDecode(out, x)]
    expect(difference(before.codes, after.codes)).toBeLessThan(1e-5)
    expect(difference(before.out, after.out)).toBeLessThan(1e-5)
    const names = [...openSafetensors(join(folder, 'out/ae.safetensors')).tensors.keys()].sort()
    expect(names).toContain(kind === 'jumprelu' || kind === 'matryoshka' ? 'W_enc' : 'encoder.weight')
  })

  test('keep nested sizes', () => {
    expect(readBack(exported(sampleSae('matryoshka'), 'dictionary-learning')).prefixes).toEqual([2, 4, 7])
  })

  test('have no word for inputs normalised per token', () => {
    const sae: SaeWeights = { ...sampleSae('topk'), normalizeActivations: 'layer_norm' }
    expect(() => exported(sae, 'dictionary-learning')).toThrow('normalised per token (layer_norm)')
  })
})

test('directions alone as safetensors and npz are the decoder rows', () => {
  const sae = sampleSae('standard')
  const id = saved(sae)
  exportSae(workspace, { id, to: folder, format: 'decoder-safetensors', fold: [] })
  exportSae(workspace, { id, to: folder, format: 'decoder-npz', fold: [] })
  expect(openSafetensors(join(folder, 'decoder.safetensors')).readF32('W_dec')).toEqual(sae.decoder)
  expect(readTensor(openNpz(join(folder, 'decoder.npz')), 'W_dec')).toEqual(sae.decoder)
})

test('vectors for Neuronpedia carry their labels and where they belong', () => {
  const sae = sampleSae('standard')
  const id = saved(sae)
  new LabelStore(workspace.db).edit(id, [{ feature: 2, change: { label: 'cats' }, author: 'me' }])
  exportSae(workspace, { id, to: folder, format: 'neuronpedia-vectors', fold: [] })
  const vectors = JSON.parse(readFileSync(join(folder, 'vectors.json'), 'utf8')) as object[]
  expect(vectors).toHaveLength(7)
  expect(vectors[2]).toMatchObject({
    modelId: 'tiny',
    layer: '3-a standard SAE',
    index: '2',
    hookName: 'blocks.3.hook_resid_post',
    vectorLabel: 'cats',
  })
  expect(Float32Array.from((vectors[2] as { vector: number[] }).vector)).toEqual(sae.decoder.subarray(10, 15))
})

test('an export writes over nothing', () => {
  const to = exported(sampleSae('standard'), 'saelens')
  expect(() => exported(sampleSae('standard'), 'saelens')).toThrow('already has a cfg.json')
  expect(existsSync(join(to, 'cfg.json'))).toBe(true)
})
