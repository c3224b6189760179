import { problem } from '#contract/problem.ts'
import type { SaeWeights } from './weights.ts'

// Folding: the same SAE written with other numbers. Each step returns new weights and leaves the given ones alone;
// formulas as in SAELens (sae.py, fold_W_dec_norm and fold_activation_norm_scaling_factor) and docs of each.

/** Σ over d of row j squared, and its root, in float64. */
export function rowNorms(rows: Float32Array, dIn: number): Float64Array {
  const norms = new Float64Array(rows.length / dIn)
  for (let j = 0; j < norms.length; j++) {
    let sum = 0
    for (let i = j * dIn; i < (j + 1) * dIn; i++) sum += rows[i] * rows[i]
    norms[j] = Math.sqrt(sum)
  }
  return norms
}

const scaleRows = (rows: Float32Array, dIn: number, factor: (j: number) => number): Float32Array => {
  const out = new Float32Array(rows.length)
  for (let j = 0; j * dIn < rows.length; j++) {
    const f = factor(j)
    for (let i = j * dIn; i < (j + 1) * dIn; i++) out[i] = rows[i] * f
  }
  return out
}
const scaleEach = (values: Float32Array, factor: (j: number) => number): Float32Array =>
  values.map((v, j) => v * factor(j))

/** Multiplies every code by factor(j) and every decoder row by inverse(j); with inverse = 1/factor the reconstruction stays. */
function rescaleCodes(
  weights: SaeWeights,
  factor: (j: number) => number,
  inverse: (j: number) => number,
): SaeWeights {
  const { dIn, threshold, bMag } = weights
  return {
    ...weights,
    encoder: scaleRows(weights.encoder, dIn, factor),
    bEnc: scaleEach(weights.bEnc, factor),
    decoder: scaleRows(weights.decoder, dIn, inverse),
    ...(threshold && { threshold: scaleEach(threshold, factor) }),
    ...(bMag && { bMag: scaleEach(bMag, factor) }),
  }
}

/** A feature whose decoder row is all zero keeps its scale. */
const orOne = (norm: number): number => (norm > 0 ? norm : 1)

/** Which features fire depends on how their codes compare with each other's, not each with its own threshold. */
const choosesByRank = ({ k, threshold }: SaeWeights): boolean => k !== undefined && threshold === undefined

/**
 * Decoder norm n_j into the encoder: W_dec/n, W_enc·n, b_enc·n, threshold·n (gated: b_gate, b_mag). Codes become
 * n_j times what they were, in units of the activation; reconstructions stay. Returns the norms, for `unfoldDecoderNorm`.
 * A topk SAE that chooses by scaled codes (rescaleActsByDecoderNorm) has such codes already and changes its numbers only.
 * @throws Problem for other topk SAEs with unequal norms, where scaling would change which features are kept.
 */
export function foldDecoderNorm(weights: SaeWeights): { weights: SaeWeights; norms: Float64Array } {
  const norms = rowNorms(weights.decoder, weights.dIn)
  const inverse = (j: number): number => 1 / orOne(norms[j])
  if (weights.rescaleActsByDecoderNorm) {
    const out = rescaleCodes(weights, (j) => norms[j], inverse)
    return { weights: { ...out, rescaleActsByDecoderNorm: false }, norms }
  }
  if (weights.architecture === 'tied')
    throw problem(
      'unsupported',
      'decoder norm',
      'a tied SAE has one matrix; its rows are kept at norm 1 already',
    )
  if (choosesByRank(weights) && !nearlyEqual(norms))
    throw problem(
      'unsupported',
      'decoder norm',
      `folding it would change which ${weights.k} features a token keeps, because the rows of W_dec have different norms`,
      'Leave this SAE as it is; its cosines and reconstructions do not need folding.',
    )
  return { weights: rescaleCodes(weights, (j) => orOne(norms[j]), inverse), norms }
}

/** Takes `foldDecoderNorm` back. A topk SAE goes on choosing by the scaled codes. */
export function unfoldDecoderNorm(weights: SaeWeights, norms: Float64Array): SaeWeights {
  const out = rescaleCodes(
    weights,
    (j) => 1 / orOne(norms[j]),
    (j) => orOne(norms[j]),
  )
  return weights.architecture === 'topk' ? { ...out, rescaleActsByDecoderNorm: true } : out
}

const nearlyEqual = (norms: Float64Array): boolean => {
  const first = norms[0]
  return norms.every((n) => Math.abs(n - first) <= 1e-5 * first)
}

/**
 * For an SAE trained on x·s: W_enc·s, W_dec/s, b_dec/s (b_enc and threshold stay), so that it takes x itself.
 * `foldActivationScale(w, 1 / s)` takes it back. Codes stay as they were.
 * @throws Problem where the input is normalised per token: a scale means nothing there.
 */
export function foldActivationScale(weights: SaeWeights, s: number): SaeWeights {
  const { normalizeActivations } = weights
  if (normalizeActivations === 'layer_norm' || normalizeActivations === 'constant_norm_rescale')
    throw problem(
      'bad-input',
      'scale',
      `${s} was given, but the input is normalised per token (${normalizeActivations})`,
    )
  if (weights.architecture === 'tied')
    throw problem(
      'unsupported',
      'scale',
      'a tied SAE has one matrix for encoding and decoding',
      'Import it as "standard".',
    )
  return {
    ...weights,
    encoder: scaleRows(weights.encoder, weights.dIn, () => s),
    decoder: scaleRows(weights.decoder, weights.dIn, () => 1 / s),
    bDec: weights.bDec.map((v) => v / s),
    normalizeActivations: 'none',
  }
}

/** b_dec·encoder_j for every feature, in float64. */
function biasThroughEncoder({ encoder, bDec, dIn, dSae }: SaeWeights): Float64Array {
  const out = new Float64Array(dSae)
  for (let j = 0; j < dSae; j++) {
    let sum = 0
    for (let i = 0; i < dIn; i++) sum += encoder[j * dIn + i] * bDec[i]
    out[j] = sum
  }
  return out
}

function shiftBiases(weights: SaeWeights, sign: 1 | -1): SaeWeights {
  const through = biasThroughEncoder(weights)
  const { bEnc, bMag, rMag } = weights
  return {
    ...weights,
    appliesBDecToInput: sign === 1,
    bEnc: bEnc.map((b, j) => b + sign * through[j]),
    ...(bMag && rMag && { bMag: bMag.map((b, j) => b + sign * through[j] * Math.exp(rMag[j])) }),
  }
}

/**
 * b_dec into b_enc: b_enc' = b_enc − W_enc·b_dec (gated: b_gate likewise, b_mag' = b_mag − e^{r_mag}·W_enc·b_dec), after
 * which encoding does not need b_dec and a feature can live in any SAE. Same codes, same reconstruction.
 */
export const foldDecoderBias = (weights: SaeWeights): SaeWeights =>
  weights.appliesBDecToInput ? shiftBiases(weights, -1) : weights

/** Takes `foldDecoderBias` back: b_dec is subtracted from the input again. */
export const unfoldDecoderBias = (weights: SaeWeights): SaeWeights =>
  weights.appliesBDecToInput ? weights : shiftBiases(weights, 1)

/**
 * For an SAE trained on activations whose mean over d was removed: encoder rows are centred, so that it gives the
 * same codes on the activation as it is. (x − x̄)·w = x·(w − w̄), with b_dec folded first because it is not centred.
 * The reconstruction is still of the centred activation. Cannot be taken back.
 */
export function foldCentring(weights: SaeWeights): SaeWeights {
  const { normalizeActivations } = weights
  if (normalizeActivations === 'layer_norm') return weights // it removes the mean itself
  if (normalizeActivations === 'constant_norm_rescale' || weights.architecture === 'tied')
    throw problem(
      'unsupported',
      'centring',
      `it cannot be folded into an SAE that is ${weights.architecture} with normalisation ${normalizeActivations}`,
      'Import centred activations for it.',
    )
  const out = foldDecoderBias(weights)
  const { dIn, dSae } = out
  const encoder = new Float32Array(out.encoder.length)
  for (let j = 0; j < dSae; j++) {
    let mean = 0
    for (let i = j * dIn; i < (j + 1) * dIn; i++) mean += out.encoder[i]
    mean /= dIn
    for (let i = j * dIn; i < (j + 1) * dIn; i++) encoder[i] = out.encoder[i] - mean
  }
  return { ...out, encoder }
}

/**
 * The form in which features can be taken from one SAE into another: b_dec folded into b_enc, no scaling flags.
 * Per-token normalisation stays as it is (it is no property of a feature) and is refused, as in stitching it would
 * have to be the host's too.
 */
export function selfContained(weights: SaeWeights): SaeWeights {
  const { normalizeActivations } = weights
  if (normalizeActivations === 'layer_norm' || normalizeActivations === 'constant_norm_rescale')
    throw problem(
      'unsupported',
      'normalisation',
      `features of an SAE whose inputs are normalised per token (${normalizeActivations}) cannot stand on their own`,
      'Only an SAE without it can take part in stitching.',
    )
  const scaled = weights.rescaleActsByDecoderNorm ? foldDecoderNorm(weights).weights : weights
  return { ...foldDecoderBias(scaled), normalizeActivations: 'none' }
}
