import { problem } from '#contract/problem.ts'
import type { Architecture } from '#contract/sae.ts'

/** How inputs are scaled before encoding, undone after decoding (SAELens' words). */
export type Normalisation = 'none' | 'layer_norm' | 'constant_norm_rescale' | 'expected_average_only_in'

/**
 * The tensors of an SAE as the whole program holds them: both matrices as rows of one feature each, so that
 * gradients, edits, cosines and stitches are row operations. Files keep SAELens' shapes (sae/formats).
 *
 * Canonical meaning (folded or not is said by the flags, never guessed):
 *   x' = x − b_dec·[appliesBDecToInput]        pre_j = x'·encoder_j + b_enc_j
 *   a_j = activation(pre)_j by architecture     x̂ = a·decoder + b_dec
 */
export interface SaeWeights {
  architecture: Architecture
  dIn: number
  dSae: number
  /** [dSae, dIn]; row j is column j of SAELens' W_enc. */
  encoder: Float32Array
  /** [dSae]. For gated it holds b_gate. */
  bEnc: Float32Array
  /** [dSae, dIn]; row j is the direction of feature j. */
  decoder: Float32Array
  /** [dIn] */
  bDec: Float32Array
  appliesBDecToInput: boolean
  /** topk: features kept per token; batchtopk and matryoshka: kept per token on average in training. */
  k?: number
  /**
   * topk in SAELens: pre-activations are scaled by the decoder norm before choosing, and back before decoding.
   * The codes are the scaled ones.
   */
  rescaleActsByDecoderNorm?: boolean
  /** jumprelu, and batchtopk / matryoshka at inference: [dSae], a = ReLU(pre)·1[pre > threshold]. */
  threshold?: Float32Array
  /** gated only: magnitude path, a = 1[pre + b_gate > 0] · ReLU(pre·exp(rMag) + bMag), pre without bias. */
  rMag?: Float32Array
  bMag?: Float32Array
  /** matryoshka: how many features each nested dictionary has, ascending, the last being dSae. */
  prefixes?: number[]
  /**
   * "none" after folding. layer_norm: x ← (x − mean)/(std + 1e-5) with the unbiased standard deviation of the token,
   * x̂ ← x̂·std + mean. constant_norm_rescale: x ← x·√d/‖x‖, x̂ ← x̂·‖x‖/√d. expected_average_only_in: by a factor that
   * the file does not hold, so nothing is done.
   */
  normalizeActivations: Normalisation
}

/** The codes of a run of tokens, compressed by row: token t has entries start[t] … start[t+1]. */
export interface SparseCodes {
  rows: number
  /** [rows + 1] */
  start: Uint32Array
  /** Feature numbers, ascending within a row. */
  feature: Uint32Array
  /** Activations, > 0. */
  value: Float32Array
}

/** The vectors with one value a feature that this SAE has, by name. */
export function featureVectors(weights: SaeWeights): Record<string, Float32Array> {
  const { bEnc, threshold, rMag, bMag } = weights
  return {
    b_enc: bEnc,
    ...(threshold && { threshold }),
    ...(rMag && { r_mag: rMag }),
    ...(bMag && { b_mag: bMag }),
  }
}

/** Checks that lengths agree with d_in and d_sae and that the architecture has what it needs. */
export function checkWeights(weights: SaeWeights, subject: string): void {
  const { dIn, dSae, encoder, decoder, bDec, architecture, k } = weights
  const sizes: [string, number, number][] = [
    ['W_enc', encoder.length, dIn * dSae],
    ['W_dec', decoder.length, dIn * dSae],
    ['b_dec', bDec.length, dIn],
    ...Object.entries(featureVectors(weights)).map(([name, v]): [string, number, number] => [
      name,
      v.length,
      dSae,
    ]),
  ]
  for (const [name, has, needs] of sizes)
    if (has !== needs)
      throw problem(
        'bad-file',
        subject,
        `${name} has ${has} values, ${needs} are expected for d_in ${dIn} and d_sae ${dSae}`,
      )
  const lacks = (what: string): never => {
    throw problem('bad-file', subject, `an SAE of architecture ${architecture} needs ${what}`)
  }
  if (architecture === 'jumprelu' && !weights.threshold) lacks('a threshold')
  if (architecture === 'gated' && !(weights.rMag && weights.bMag)) lacks('r_mag and b_mag')
  if (architecture === 'topk' && !(k && k > 0 && k <= dSae))
    lacks(`a k between 1 and d_sae = ${dSae} (it has ${k ?? 'none'})`)
}
