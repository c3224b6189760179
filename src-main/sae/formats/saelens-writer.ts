import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeAtomically } from '../../store/atomic.ts'
import { f32Tensor, writeSafetensors, type TensorToWrite } from '../../store/safetensors.ts'
import { runsOf } from '../../store/tensor-file.ts'
import { columnsAsRows } from '../transpose.ts'
import { checkWeights, type SaeWeights } from '../weights.ts'
import { CFG, WEIGHTS, type SutureMetadata } from './saelens.ts'
import type { z } from 'zod'

/** Readers of SAELens ≥ 6 take a file without a version for an old one and drop its metadata. */
const LAYOUT_VERSION = '6.0.0'

/** What a SAELens file can say about the model side; more keys are kept as they are. */
export interface SaelensMetadata extends Record<string, unknown> {
  model_name?: string | null
  hook_name?: string | null
  prepend_bos?: boolean
  context_size?: number | null
}

/** The architecture SAELens knows it by. batchtopk and matryoshka are jumprelu at inference; tied is standard. */
function saelensArchitecture({
  architecture,
  threshold,
}: SaeWeights): 'standard' | 'topk' | 'jumprelu' | 'gated' {
  if (architecture === 'tied') return 'standard'
  // Before its first threshold a batchtopk SAE keeps its k largest.
  if (architecture === 'batchtopk' || architecture === 'matryoshka') return threshold ? 'jumprelu' : 'topk'
  return architecture
}

function cfgOf(weights: SaeWeights, metadata: SaelensMetadata): Record<string, unknown> {
  const { architecture, k, prefixes } = weights
  const saelens = saelensArchitecture(weights)
  const suture: z.input<typeof SutureMetadata> = { architecture, k, prefixes }
  return {
    d_in: weights.dIn,
    d_sae: weights.dSae,
    dtype: 'float32',
    device: 'cpu',
    apply_b_dec_to_input: weights.appliesBDecToInput,
    normalize_activations: weights.normalizeActivations,
    reshape_activations: metadata.hook_name?.endsWith('hook_z') ? 'hook_z' : 'none',
    ...(saelens === 'topk' && { k, rescale_acts_by_decoder_norm: weights.rescaleActsByDecoderNorm ?? false }),
    metadata: { sae_lens_training_version: null, ...metadata, sae_lens_version: LAYOUT_VERSION, suture },
    architecture: saelens,
  }
}

/** W_enc as SAELens has it, [d_in, d_sae], a run of rows at a time. */
function* transposedEncoder({ encoder, dIn, dSae }: SaeWeights): Generator<Float32Array> {
  const out = new Float32Array(Math.min(dIn, Math.max(1, Math.ceil((1 << 20) / dSae))) * dSae)
  for (const [from, to] of runsOf(dIn, dSae)) yield columnsAsRows(encoder, dIn, from, to, out)
}

function tensorsOf(weights: SaeWeights): Record<string, TensorToWrite> {
  const { dIn, dSae, architecture, bEnc, threshold, rMag, bMag } = weights
  const each = (values: Float32Array): TensorToWrite => f32Tensor([dSae], values)
  return {
    W_enc: { dtype: 'F32', shape: [dIn, dSae], pieces: transposedEncoder(weights) },
    [architecture === 'gated' ? 'b_gate' : 'b_enc']: each(bEnc),
    W_dec: f32Tensor([dSae, dIn], weights.decoder),
    b_dec: f32Tensor([dIn], weights.bDec),
    ...(threshold && { threshold: each(threshold) }),
    ...(rMag && { r_mag: each(rMag) }),
    ...(bMag && { b_mag: each(bMag) }),
  }
}

/** JSON to be read by people: indented, but a list of numbers on one line. */
const readable = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(/\[\n[\s\d.,eE+-]*\]/g, (list) => list.replace(/\s+/g, ' '))

/**
 * Writes an SAE as a SAELens v6 folder, making it where needed; each file is replaced whole or not at all.
 * What SAELens has no word for is under metadata.suture, so that reading it here again is exact.
 */
export function writeSaelensFolder(path: string, weights: SaeWeights, metadata: SaelensMetadata = {}): void {
  checkWeights(weights, path)
  mkdirSync(path, { recursive: true })
  writeSafetensors(join(path, WEIGHTS), tensorsOf(weights))
  const json = readable(cfgOf(weights, metadata))
  writeAtomically(join(path, CFG), (put) => put(new TextEncoder().encode(json)))
}
