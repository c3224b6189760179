import type { ArchitectureDescription } from './architecture.ts'
import { untiedStart } from './start.ts'
import { untiedWeights } from './untied-weights.ts'

/**
 * a = ReLU((x − b_dec) W_enc + b_enc), x̂ = a W_dec + b_dec, with an L1 penalty.
 * free decoder: each activation is weighted by its decoder norm, so shrinking a and growing W_dec gains nothing; the
 * gradient of W_dec,j gets λ (mean a_j) W_dec,j/‖W_dec,j‖. unit decoder: the norm is 1 by projection.
 */
export const standard: ArchitectureDescription<'standard'> = {
  architecture: 'standard',
  paper: 'Bricken et al. 2023, Towards Monosemanticity; Anthropic, April 2024 update',
  loss: '‖x − x̂‖² + λ Σ a_j ‖W_dec,j‖',
  initialParameters: untiedStart,
  weights: untiedWeights,
}
