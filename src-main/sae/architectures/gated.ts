import type { ArchitectureDescription } from './architecture.ts'
import { untiedStart } from './start.ts'
import { present, untiedWeights } from './untied-weights.ts'

/**
 * With u = (x − b_dec) W_enc: the gate π = u + b_gate says whether a feature fires, the magnitude
 * ReLU(u e^{r_mag} + b_mag) how much. The penalty is on ReLU(π) (weighted by the decoder norm where that is free), and
 * a second reconstruction from ReLU(π), by W_dec and b_dec held constant, keeps the gate about the input.
 * So π learns from the penalty and the second reconstruction, the magnitude from the first; the gate itself is a step.
 */
export const gated: ArchitectureDescription<'gated'> = {
  architecture: 'gated',
  paper: 'Rajamanoharan et al. 2024, arXiv 2404.16014',
  loss: '‖x − x̂‖² + λ Σ ReLU(π_j) ‖W_dec,j‖ + α ‖x − x̂_frozen(ReLU(π))‖²',
  initialParameters: (config, random, bDec) => ({
    ...untiedStart(config, random, bDec),
    rMag: new Float32Array(config.dSae),
    bMag: new Float32Array(config.dSae),
  }),
  weights: (config, state) => ({
    ...untiedWeights(config, state),
    rMag: present(state.parameters.rMag, 'rMag'),
    bMag: present(state.parameters.bMag, 'bMag'),
  }),
}
