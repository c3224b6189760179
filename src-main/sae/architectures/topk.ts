import type { ArchitectureDescription } from './architecture.ts'
import { untiedStart } from './start.ts'
import { untiedWeights } from './untied-weights.ts'

/**
 * The k largest of ReLU(pre) of each token are kept; no sparsity penalty. The choice is constant under the gradient.
 * Dead features are revived by aux-k: on each token the `auxK` largest ReLU(pre) among the dead ones reconstruct the
 * residual x − x̂ (held constant) through W_dec alone; its squared error, weighted, is added to the loss.
 */
export const topk: ArchitectureDescription<'topk'> = {
  architecture: 'topk',
  paper: 'Gao et al. 2024, arXiv 2406.04093',
  loss: '‖x − x̂‖² + α ‖(x − x̂) − x̂_dead‖²',
  initialParameters: untiedStart,
  weights: (config, state) => ({
    ...untiedWeights(config, state),
    k: config.k,
    rescaleActsByDecoderNorm: false,
  }),
}
