import type { ArchitectureDescription } from './architecture.ts'
import { untiedStart } from './start.ts'
import { present, untiedWeights } from './untied-weights.ts'

/**
 * Thresholds at the start (Anthropic's January 2025 update): the standard deviation of the pre-activations of rows of
 * norm 0.1, so that one feature in six fires. Lower ones let nearly all fire until the thresholds have come up.
 */
const THRESHOLD_START = 0.1

/**
 * a = pre · 1[pre > θ], penalty on L0 itself. Both steps are flat in θ, so the straight-through estimator gives θ a
 * gradient from the pre-activations within ε/2 of it (rectangle kernel):
 *   ∂a/∂θ = −(θ/ε) 1[|pre − θ| < ε/2],  ∂L0/∂θ = −(1/ε) 1[|pre − θ| < ε/2].
 * What is learned is log θ (times θ by the chain rule), so that θ stays positive; L0 gives pre no gradient.
 */
export const jumprelu: ArchitectureDescription<'jumprelu'> = {
  architecture: 'jumprelu',
  paper: 'Rajamanoharan et al. 2024, arXiv 2407.14435',
  loss: '‖x − x̂‖² + λ L0',
  initialParameters: (config, random, bDec) => ({
    ...untiedStart(config, random, bDec),
    logThreshold: new Float32Array(config.dSae).fill(Math.log(THRESHOLD_START)),
  }),
  weights: (config, state) => ({
    ...untiedWeights(config, state),
    threshold: present(state.parameters.logThreshold, 'logThreshold').map(Math.exp),
  }),
}
