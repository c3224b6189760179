/**
 * Where the training loop meets the arithmetic: a backend is asked for whole steps, not for single operations, so
 * that each may fuse as it likes. Everything a step depends on is in the three arguments and the state; nothing is
 * random in a step, so a state read, written to disk and put back goes on exactly as if it had never stopped.
 *
 * Shapes as everywhere: B rows in a batch, d = dIn, F = dSae; matrices are rows of one feature each, [F, d].
 */

/** Adam's constants (Kingma & Ba 2014, arXiv 1412.6980). The learning rate is set per step. */
export interface Adam {
  beta1: number
  beta2: number
  epsilon: number
}

interface Dictionary {
  dIn: number
  dSae: number
  adam: Adam
  /** A feature that has not fired for this many tokens is dead. */
  deadAfter: number
}

/**
 * unit: decoder rows are kept at norm 1 (the gradient's part along the row is removed, the row renormalised).
 * free: decoder rows have any norm, and where a penalty is on activations it is weighted by that norm.
 */
export type DecoderNorm = 'unit' | 'free'

/** Revival of dead features (Gao et al. 2024 §A.2): the best `auxK` of them on each token also reconstruct the residual. */
interface KeepsLargest {
  k: number
  /** How many dead features per token; 0 for no revival. */
  auxK: number
}

/** The smallest kept activation of each batch, averaged over steps, becomes the threshold at inference. */
interface RunningThreshold {
  /** Weight of the newest batch in the running mean. */
  thresholdRate: number
}

/** What is trained. One member per architecture, with the options that belong to it (sae/architectures, one file each). */
export type TraineeConfig =
  | (Dictionary & { architecture: 'tied' })
  | (Dictionary & { architecture: 'standard'; decoderNorm: DecoderNorm })
  | (Dictionary & { architecture: 'topk'; decoderNorm: DecoderNorm } & KeepsLargest)
  | (Dictionary & { architecture: 'batchtopk'; decoderNorm: DecoderNorm } & KeepsLargest & RunningThreshold)
  | (Dictionary & { architecture: 'jumprelu'; decoderNorm: DecoderNorm; bandwidth: number })
  | (Dictionary & { architecture: 'gated'; decoderNorm: DecoderNorm })
  | (Dictionary & {
      architecture: 'matryoshka'
      decoderNorm: DecoderNorm
      /** The nested dictionaries: ascending feature counts, the last one is dSae. */
      widths: number[]
    } & KeepsLargest &
      RunningThreshold)

/** The tensors that a step changes. Which are there follows from the architecture (sae/architectures). */
export interface Parameters {
  /** [F, d]. Tied: the rows of M, which are also the directions. */
  encoder: Float32Array
  /** [F]. Gated: b_gate. */
  bEnc: Float32Array
  /** [F, d]; absent when tied. */
  decoder?: Float32Array
  /** [d]; absent when tied. */
  bDec?: Float32Array
  /** [F], jumprelu: the natural logarithm of the threshold, which keeps it positive. */
  logThreshold?: Float32Array
  /** [F], gated. */
  rMag?: Float32Array
  /** [F], gated. */
  bMag?: Float32Array
}
export type ParameterName = keyof Parameters

/** Everything that has to be kept to go on later with the very same numbers. */
export interface TraineeState {
  parameters: Parameters
  /** Adam's running means of the gradient and of its square; the same names and shapes as the parameters. */
  firstMoments: Parameters
  secondMoments: Parameters
  /** Steps taken: Adam's bias correction counts them. */
  steps: number
  /** [F] tokens seen since the feature last fired; stays at 2³² − 1. */
  tokensSinceFired: Uint32Array
  /** batchtopk and matryoshka: the running mean of the smallest kept activation; null before the first step. */
  threshold: number | null
}

/** What the schedules decide anew for each step. */
export interface StepSettings {
  learningRate: number
  /** λ of the sparsity term; not used by the kinds that keep the k largest. */
  sparsity: number
  /** Weight of the aux-k term; not used by other kinds. */
  aux: number
  /**
   * Weight of the mean squared cosine between co-active decoder rows; 0 for none. Not applied in a step that is dense:
   * where a large share of all features fires, nearly every pair is co-active.
   */
  cosine: number
  /** The gradient of all parameters together is scaled down to this norm; null for no clipping. */
  clipNorm: number | null
}

/** What a step saw, measured before its update. Arrays are views that the next step overwrites. */
export interface StepReport {
  /** What was descended on: the sum of the four parts below with their weights. */
  loss: number
  /** Mean over tokens of the sum over d of (x − x̂)², of the whole dictionary. */
  mse: number
  /** Reconstruction as it entered the loss: mse, or its sum over the prefixes of a matryoshka. */
  reconstruction: number
  /** λ times the sparsity penalty (mean over tokens). */
  sparsity: number
  /** aux weight times the aux term: dead features on the residual (topk family), frozen-decoder reconstruction (gated). */
  aux: number
  /** Weight times the mean squared cosine of co-active decoder rows. */
  cosine: number
  /** Mean count of a > 0 per token. */
  l0: number
  /** Sum over the batch of ‖x − x̂‖² and of ‖x − x̄‖² (x̄: mean of the batch): 1 − ratio is explained variance. */
  squaredError: number
  squaredDeviation: number
  /** Norm of the gradient of all parameters together, before clipping. */
  gradientNorm: number
  /** Features that have not fired for `deadAfter` tokens, this batch included. */
  dead: number
  /** batchtopk and matryoshka: the running threshold after this step. */
  threshold: number | null
  /** [F] tokens of this batch on which each feature fired. */
  fires: Uint32Array
  /** [rows] ‖x − x̂‖² of each token. */
  squaredErrors: Float32Array
  /** How the step was computed, for the run's record: "sparse", "sparse, pruned" or "dense". */
  path: string
}

/** One SAE in training, its state resident in the backend. Calls must not overlap. */
export interface Trainee {
  readonly config: TraineeConfig
  /**
   * One step on x [rows, d] (rows ≤ batchTokens). When the loss is not finite nothing is updated and the report says
   * so in `loss`: stopping is the loop's decision.
   */
  step(x: Float32Array, rows: number, settings: StepSettings): Promise<StepReport>
  /** A copy of the state. */
  read(): Promise<TraineeState>
  /** Puts a state in place of the present one (resume, resampling of dead features). */
  write(state: TraineeState): Promise<void>
  dispose(): Promise<void>
}

export interface TraineeOptions {
  /** The most rows a step will be given. */
  batchTokens: number
  /** Threads to use; the results are the same bits for the same number. */
  threads: number
  /** Bytes for everything beside weights, optimiser and one batch. Default 512 MB. */
  workingMemory?: number
}

export const BACKEND_NAMES = ['cpu', 'webgpu', 'tensorflow'] as const
export type BackendName = (typeof BACKEND_NAMES)[number]

export interface Backend {
  name: BackendName
  /** @throws Problem when the state does not fit the config, or this machine cannot hold it. */
  open(config: TraineeConfig, state: TraineeState, options: TraineeOptions): Promise<Trainee>
}
