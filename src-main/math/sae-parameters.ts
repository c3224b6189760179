type Numbers = ArrayLike<number>

/** Parameters of an SAE in float64, matrices as rows of one feature each; see sae/backend.ts for which are when there. */
export interface SaeParameters {
  /** [F, d] */
  encoder: Float64Array
  /** [F] */
  bEnc: Float64Array
  /** [F, d]; absent when tied: then the encoder's rows are the directions. */
  decoder?: Float64Array
  /** [d]; absent when tied: then 0. */
  bDec?: Float64Array
  /** [F] */
  logThreshold?: Float64Array
  /** [F] */
  rMag?: Float64Array
  /** [F] */
  bMag?: Float64Array
}

/** What decides the loss: an architecture with the options that change its formula. */
export type SaeKind = { dIn: number; dSae: number } & (
  | { architecture: 'tied' }
  | { architecture: 'standard' | 'gated'; decoderNorm: 'unit' | 'free' }
  | { architecture: 'jumprelu'; decoderNorm: 'unit' | 'free'; bandwidth: number }
  | { architecture: 'topk' | 'batchtopk'; decoderNorm: 'unit' | 'free'; k: number; auxK: number }
  | { architecture: 'matryoshka'; decoderNorm: 'unit' | 'free'; k: number; auxK: number; widths: number[] }
)

/** The same tensors, each made by `change`. */
export function mapParameters(
  parameters: { [name in keyof SaeParameters]: Numbers | undefined },
  change: (tensor: Numbers, name: keyof SaeParameters) => Float64Array,
): SaeParameters {
  const entries = Object.entries(parameters) as [keyof SaeParameters, Numbers | undefined][]
  return Object.fromEntries(
    entries.flatMap(([name, tensor]) => (tensor ? [[name, change(tensor, name)]] : [])),
  ) as unknown as SaeParameters
}

/**
 * How fast Adam moves a tensor, in learning rates. The rate shrinks with the values of a row of d, about 1/√d each; a
 * log threshold has to go as far whatever d is (from 0.1 to where a feature pays, ∝ √d), so it gets the √d back. Half
 * of it: at the whole, thresholds overshoot and features die.
 */
export const rateFactor = (name: keyof SaeParameters, dIn: number): number =>
  name === 'logThreshold' ? Math.sqrt(dIn) / 2 : 1

/** The rows that reconstruct: the decoder, or the encoder when tied. */
export const directions = (p: SaeParameters): Float64Array => p.decoder ?? p.encoder

/** b_dec, or zeros when tied. */
export const outputBias = (p: SaeParameters, d: number): Float64Array => p.bDec ?? new Float64Array(d)
