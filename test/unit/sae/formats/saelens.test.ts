import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSaelensFolder } from '../../../../src-main/sae/formats/saelens.ts'
import { writeSaelensFolder } from '../../../../src-main/sae/formats/saelens-writer.ts'
import { openSafetensors } from '../../../../src-main/store/safetensors.ts'
import { shared, testWithShared } from '../../../shared.ts'
import { ARCHITECTURES, sampleSae } from './sample.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'saelens-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const cfg = (): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, 'cfg.json'), 'utf8')) as Record<string, unknown>
const changeCfg = (change: (old: Record<string, unknown>) => Record<string, unknown>): void =>
  writeFileSync(join(folder, 'cfg.json'), JSON.stringify(change(cfg())))

describe('a SAELens folder', () => {
  test.each(ARCHITECTURES)('round-trips a %s SAE exactly', (kind) => {
    const sae = sampleSae(kind)
    writeSaelensFolder(folder, sae, { model_name: 'tiny', hook_name: 'blocks.0.hook_resid_pre' })
    expect(readSaelensFolder(folder).weights).toEqual({ ...sae })
  })

  test.each(['layer_norm', 'constant_norm_rescale', 'expected_average_only_in'] as const)(
    'keeps the normalisation %s and the b_dec rule',
    (normalizeActivations) => {
      const sae = {
        ...sampleSae('topk'),
        normalizeActivations,
        appliesBDecToInput: false,
        rescaleActsByDecoderNorm: true,
      }
      writeSaelensFolder(folder, sae)
      expect(readSaelensFolder(folder).weights).toEqual(sae)
    },
  )

  test('calls kinds by the names SAELens knows, with W_enc as [d_in, d_sae]', () => {
    const known = {
      tied: 'standard',
      batchtopk: 'jumprelu',
      matryoshka: 'jumprelu',
      gated: 'gated',
      topk: 'topk',
    } as const
    for (const kind of ['tied', 'batchtopk', 'matryoshka', 'gated', 'topk'] as const) {
      writeSaelensFolder(folder, sampleSae(kind))
      expect(cfg()['architecture']).toBe(known[kind])
    }
    const { tensors } = openSafetensors(join(folder, 'sae_weights.safetensors'))
    expect(tensors.get('W_enc')?.shape).toEqual([5, 7])
    expect([...tensors.keys()].sort()).toEqual(['W_dec', 'W_enc', 'b_dec', 'b_enc'])
  })

  test('without metadata.suture is what SAELens would take it for', () => {
    writeSaelensFolder(folder, sampleSae('matryoshka'))
    changeCfg((old) => ({ ...old, metadata: {} }))
    expect(readSaelensFolder(folder).weights.architecture).toBe('jumprelu')
  })

  test('keeps what else it is given, lists of numbers on one line', () => {
    const stitched = { note: 'a [ 1,  2 ]', feature: [1, -2.5, 3e-7] }
    writeSaelensFolder(folder, sampleSae('standard'), { stitched })
    expect(readSaelensFolder(folder).found.metadata['stitched']).toEqual(stitched)
    expect(readFileSync(join(folder, 'cfg.json'), 'utf8')).toContain('"feature": [ 1, -2.5, 3e-7 ]')
  })

  test('says where each assumption came from', () => {
    writeSaelensFolder(folder, sampleSae('topk'), { model_name: 'tiny' })
    changeCfg(({ apply_b_dec_to_input: _, ...old }) => old)
    const { claims } = readSaelensFolder(folder).found
    expect(claims.b_dec).toEqual({ value: 'subtracted from the input', from: 'default' })
    expect(claims.model).toEqual({ value: 'tiny', from: 'file' })
    expect(claims.normalisation).toEqual({ value: 'none', from: 'file' })
  })

  test('with a wrong shape is refused by tensor and shape', () => {
    writeSaelensFolder(folder, sampleSae('standard'))
    changeCfg((old) => ({ ...old, d_sae: 8 }))
    expect(() => readSaelensFolder(folder)).toThrow('"W_enc" has shape [5, 7], [5, 8] is expected')
  })

  test('with a value that is not a number is refused by tensor and position', () => {
    const sae = sampleSae('standard')
    sae.bEnc[3] = NaN
    writeSaelensFolder(folder, sae)
    expect(() => readSaelensFolder(folder)).toThrow('"b_enc" has the value NaN at position 3')
  })
})

testWithShared('the SAEs beside the project are read as they are', () => {
  const { weights, found } = readSaelensFolder(join(shared, 'saes/stories260K/topk-256'))
  expect([weights.architecture, weights.k, weights.dIn, weights.dSae]).toEqual(['topk', 12, 64, 256])
  expect(found.claims.hook).toEqual({ value: 'blocks.2.hook_resid_pre', from: 'file' })
  const file = openSafetensors(join(shared, 'saes/stories260K/topk-256/sae_weights.safetensors'))
  const stored = file.readF32('W_enc')
  expect(weights.encoder[3 * 64 + 10]).toBe(stored[10 * 256 + 3])
})
