import type { RunSettings } from '#contract/training.ts'
import { saeWeights } from '../architectures/index.ts'
import type { TraineeConfig, TraineeState } from '../backend.ts'
import { foldActivationScale, foldDecoderNorm } from '../folding.ts'
import type { SaeWeights } from '../weights.ts'

/**
 * The SAE that a state is, for activations as they are: the run's input factor is folded in, per-token normalisation
 * is left to the flag. Where it changes no reconstruction (every kind whose features fire on their own) the decoder
 * rows get norm 1, so that a code is the length of what its feature adds.
 */
export function finishedWeights(
  config: TraineeConfig,
  state: TraineeState,
  settings: Pick<RunSettings, 'normalisation'>,
  inputFactor: number,
): SaeWeights {
  const trained = saeWeights(config, state)
  const scaled = inputFactor === 1 ? trained : unscaled(trained, inputFactor)
  const { normalisation } = settings
  const kept = normalisation === 'layer_norm' || normalisation === 'constant_norm_rescale'
  const flagged: SaeWeights = { ...scaled, normalizeActivations: kept ? normalisation : 'none' }
  return flagged.architecture === 'topk' || flagged.architecture === 'tied'
    ? flagged
    : foldDecoderNorm(flagged).weights
}

/** A tied SAE trained on x·s: s·ReLU(M x + b/s) are its codes, so only the bias changes, and codes shrink by s. */
function unscaled(weights: SaeWeights, factor: number): SaeWeights {
  if (weights.architecture === 'tied') return { ...weights, bEnc: weights.bEnc.map((b) => b / factor) }
  return foldActivationScale(weights, factor)
}
