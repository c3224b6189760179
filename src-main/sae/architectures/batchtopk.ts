import type { ArchitectureDescription, ConfigOf } from './architecture.ts'
import type { TraineeState } from '../backend.ts'
import type { SaeWeights } from '../weights.ts'
import { untiedStart } from './start.ts'
import { untiedWeights } from './untied-weights.ts'

/**
 * The B·k largest of ReLU(pre) of the whole batch are kept, so tokens may differ in L0. At inference a feature fires
 * where it exceeds the running mean of the batches' smallest kept activation, which makes it a JumpReLU.
 */
export const batchtopk: ArchitectureDescription<'batchtopk'> = {
  architecture: 'batchtopk',
  paper: 'Bussmann et al. 2024, arXiv 2412.06410',
  loss: '‖x − x̂‖² + α ‖(x − x̂) − x̂_dead‖²',
  initialParameters: untiedStart,
  weights: thresholdedWeights,
}

/** Weights with the running threshold on every feature; before the first step it is 0, a plain ReLU. */
export function thresholdedWeights(
  config: ConfigOf<'batchtopk' | 'matryoshka'>,
  state: TraineeState,
): SaeWeights {
  return {
    ...untiedWeights(config, state),
    k: config.k,
    threshold: new Float32Array(config.dSae).fill(state.threshold ?? 0),
  }
}
