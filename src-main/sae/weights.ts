import type { Architecture } from '#contract/sae.ts'

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
  /** topk: features kept per token. */
  k?: number
  /** topk in SAELens: pre-activations are scaled by the decoder norm before choosing, and back before decoding. */
  rescaleActsByDecoderNorm?: boolean
  /** jumprelu, and batchtopk / matryoshka at inference: [dSae], fires where pre > threshold. */
  threshold?: Float32Array
  /** gated only: magnitude path, a = 1[pre + b_gate > 0] · ReLU(pre·exp(rMag) + bMag), pre without bias. */
  rMag?: Float32Array
  bMag?: Float32Array
  /** How inputs are scaled before encoding, undone after decoding; "none" after folding. */
  normalizeActivations: 'none' | 'layer_norm' | 'constant_norm_rescale' | 'expected_average_only_in'
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
