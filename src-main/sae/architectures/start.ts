import { randomDirections, type Random } from '../../math/random.ts'
import type { DecoderNorm, Parameters } from '../backend.ts'

/** Length of a decoder row at the start where it may grow (SAELens' decoder_init_norm). */
const FREE_DECODER_START = 0.1

interface Size {
  dIn: number
  dSae: number
  decoderNorm: DecoderNorm
}

/**
 * The start that all untied kinds share: random decoder directions, the encoder its transpose (Anthropic's April 2024
 * update; Gao et al. 2024 §A.1 find it prevents most dead features), zero biases.
 */
export function untiedStart(
  size: Size,
  random: Random,
  bDec?: Float32Array,
): Parameters & { bDec: Float32Array } {
  const norm = size.decoderNorm === 'unit' ? 1 : FREE_DECODER_START
  const decoder = randomDirections(size.dSae, size.dIn, norm, random)
  return {
    encoder: decoder.slice(),
    bEnc: new Float32Array(size.dSae),
    decoder,
    bDec: bDec ? bDec.slice() : new Float32Array(size.dIn),
  }
}
