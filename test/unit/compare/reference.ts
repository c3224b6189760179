import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { readSaelensFolder } from '../../../src-main/sae/formats/saelens.ts'
import type { SaeWeights, SparseCodes } from '../../../src-main/sae/weights.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { shared } from '../../shared.ts'

interface StitchReference {
  small: string
  big: string
  threshold: number
  base_mse: number
  max_cos_of_big_features: number[]
  argmax_small_feature: number[]
  max_cos_of_small_features: number[]
  argmax_big_feature: number[]
  novel_features: number[]
  n_novel: number
  n_reconstruction: number
  delta_mse_single: number[]
  delta_mse_all_novel: number
  mse_after_all_novel: number
}
interface PairReference {
  mean_max_cos: number
  'n_max_cos_gt_0.7': number
  mean_max_pearson_over_varying_features: number
  n_varying_features: number
}
interface SaeReference {
  L0: number
  mse_sum_over_d: number
  explained_variance: number
  relative_norm_recon_over_x: number
  loss_spliced: number
}
export interface Reference {
  saes: Record<string, SaeReference>
  pairs: Record<string, PairReference>
  stitch: Record<string, StitchReference>
  loss_clean: number
}

/** Exact numbers of the SAEs of stories260K on 10,240 tokens, all positions counting. */
export const reference = (): Reference =>
  JSON.parse(readFileSync(join(shared, 'reference/saes-stories260K.json'), 'utf8')) as Reference
export const referenceTensors = (): ReturnType<typeof openSafetensors> =>
  openSafetensors(join(shared, 'reference/saes-stories260K.safetensors'))
export const referenceSae = (name: string): SaeWeights =>
  readSaelensFolder(join(shared, 'saes/stories260K', name)).weights
export const SAE_NAMES = ['relu-64', 'relu-128', 'relu-256', 'relu-512', 'topk-256']

const encoded = new Map<string, SparseCodes>()
/** The codes of an SAE on the reference's activations by plain loops in float64: ReLU, or the k largest. */
export function referenceCodes(name: string, weights: SaeWeights, x: Float32Array): SparseCodes {
  const known = encoded.get(name)
  if (known) return known
  const { dIn, dSae, encoder, bEnc, bDec } = weights
  const rows = x.length / dIn
  const start = new Uint32Array(rows + 1)
  const feature: number[] = []
  const value: number[] = []
  for (let t = 0; t < rows; t++) {
    const fires: [number, number][] = []
    for (let j = 0; j < dSae; j++) {
      let pre = bEnc[j]
      for (let c = 0; c < dIn; c++) pre += (x[t * dIn + c] - bDec[c]) * encoder[j * dIn + c]
      if (pre > 0) fires.push([j, pre])
    }
    if (weights.k !== undefined) {
      fires.sort((p, q) => q[1] - p[1]).splice(weights.k)
      fires.sort((p, q) => p[0] - q[0])
    }
    for (const [j, a] of fires) {
      feature.push(j)
      value.push(a)
    }
    start[t + 1] = feature.length
  }
  const codes = { rows, start, feature: Uint32Array.from(feature), value: Float32Array.from(value) }
  encoded.set(name, codes)
  return codes
}

/** Float64 tensors as they are. */
export const readF64 = (name: string): Float64Array =>
  new Float64Array(referenceTensors().readBytes(name).buffer)

/** Every number within 1e-4 of what it should be, relative. */
export function expectClose(found: ArrayLike<number>, want: ArrayLike<number>, relative = 1e-4): void {
  expect(found.length).toBe(want.length)
  for (let i = 0; i < want.length; i++) {
    if (Number.isNaN(want[i])) expect(found[i], `at ${i}`).toBeLessThan(-1)
    else if (Math.abs(found[i] - want[i]) > relative * Math.abs(want[i]))
      expect.fail(`at ${i}: ${found[i]} instead of ${want[i]}`)
  }
}
