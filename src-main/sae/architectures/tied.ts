import { randomDirections } from '../../math/random.ts'
import type { ArchitectureDescription } from './architecture.ts'

/**
 * Encoder and decoder are one matrix M of unit rows: a = ReLU(M x + b), x̂ = Mᵀ a, no decoder bias.
 * Gradient of a row: what it gets as a decoder and what it gets as an encoder, added; the part along the row is
 * removed and the row renormalised after the step.
 */
export const tied: ArchitectureDescription<'tied'> = {
  architecture: 'tied',
  paper: 'Cunningham et al. 2023, arXiv 2309.08600',
  loss: '‖x − x̂‖² + λ Σ a',
  initialParameters: (config, random) => ({
    encoder: randomDirections(config.dSae, config.dIn, 1, random),
    bEnc: new Float32Array(config.dSae),
  }),
  weights: (config, { parameters }) => ({
    architecture: 'tied',
    dIn: config.dIn,
    dSae: config.dSae,
    encoder: parameters.encoder,
    bEnc: parameters.bEnc,
    decoder: parameters.encoder,
    bDec: new Float32Array(config.dIn),
    appliesBDecToInput: false,
    normalizeActivations: 'none',
  }),
}
