import type { ArchitectureDescription } from './architecture.ts'
import { thresholdedWeights } from './batchtopk.ts'
import { untiedStart } from './start.ts'

/**
 * BatchTopK over nested dictionaries: the first w features alone (with b_dec) reconstruct the input, for every width w.
 * The error of each width reaches only the features within it, so feature j gets the sum over the widths > j.
 */
export const matryoshka: ArchitectureDescription<'matryoshka'> = {
  architecture: 'matryoshka',
  paper: 'Bussmann et al. 2025, arXiv 2503.17547',
  loss: 'Σ_w ‖x − x̂_{<w}‖² + α ‖(x − x̂) − x̂_dead‖²',
  initialParameters: untiedStart,
  weights: (config, state) => ({ ...thresholdedWeights(config, state), prefixes: config.widths }),
}
