import type { TraineeConfig, TraineeState } from '../backend.ts'
import type { SaeWeights } from '../weights.ts'

/** The part of SaeWeights that is the same for every kind with an encoder and a decoder of its own. */
export function untiedWeights(config: TraineeConfig, { parameters }: TraineeState): SaeWeights {
  return {
    architecture: config.architecture,
    dIn: config.dIn,
    dSae: config.dSae,
    encoder: parameters.encoder,
    bEnc: parameters.bEnc,
    decoder: present(parameters.decoder, 'decoder'),
    bDec: present(parameters.bDec, 'bDec'),
    appliesBDecToInput: true,
    normalizeActivations: 'none',
  }
}

/** A parameter that the architecture must have; its absence is our mistake, not the user's. */
export function present(tensor: Float32Array | undefined, name: string): Float32Array {
  if (!tensor) throw new Error(`the state has no ${name}`)
  return tensor
}
