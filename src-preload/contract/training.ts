import { z } from 'zod'
import { contextOptions } from './corpus.ts'
import { ActivationSetId, CorpusId, JobId, ModelId, RunId, SaeId } from './ids.ts'
import { JobState } from './job.ts'
import { HookName } from './model.ts'
import { call } from './rpc.ts'
import { Architecture, SaeMetrics } from './sae.ts'
import { thing } from './thing.ts'

/** How activations are scaled before an SAE sees them (SAELens' names). Where it can be, it is folded on save. */
export const InputNormalisation = z.enum([
  'none',
  'expected_average_only_in', // one factor for all tokens: the mean norm becomes √d; folded
  'constant_norm_rescale', // every token to norm √d; kept as a flag
  'layer_norm', // every token to mean 0, variance 1; kept as a flag
])
export type InputNormalisation = z.infer<typeof InputNormalisation>

/** What every SAE of a run has; null asks for the default, which is worked out from the run and written down with it. */
const anySae = {
  /** d_sae: how many features. */
  width: z.int(),
  /** Chooses the random start. */
  seed: z.int().default(0),
  learningRate: z.number().nullable().default(null),
  /** Weight of the mean squared cosine between decoder rows that fire together. */
  cosine: z.number().min(0).default(0),
  name: z.string().min(1).optional(),
}
/** λ: MSE is summed over d and averaged over tokens, inputs are scaled by the run's normalisation. */
const penalised = {
  sparsity: z.number().nullable().default(null),
  /** Moves λ during the run until this many features fire per token; null leaves λ as it is. */
  targetL0: z.number().nullable().default(null),
}
const DecoderNorm = z.enum(['unit', 'free'])
const decoderNorm = { decoderNorm: DecoderNorm.default('free') }
/** The k largest pre-activations are kept; the best `auxK` dead features reconstruct the residual. */
const keepsLargest = {
  k: z.int().nullable().default(null),
  auxK: z.int().min(0).nullable().default(null),
  auxWeight: z
    .number()
    .min(0)
    .default(1 / 32),
}
const thresholdRate = { thresholdRate: z.number().gt(0).max(1).default(0.001) }

/** One SAE of a run: the options that belong to its architecture, and no others. */
export const SaeSpec = z.discriminatedUnion('architecture', [
  z.object({ architecture: z.literal('tied'), ...anySae, ...penalised }),
  z.object({
    architecture: z.literal('standard'),
    ...anySae,
    ...penalised,
    ...decoderNorm,
    /** Dead features begin anew at inputs that are badly reconstructed. */
    resample: z.boolean().default(true),
  }),
  z.object({ architecture: z.literal('topk'), ...anySae, ...decoderNorm, ...keepsLargest }),
  z.object({
    architecture: z.literal('batchtopk'),
    ...anySae,
    ...decoderNorm,
    ...keepsLargest,
    ...thresholdRate,
  }),
  z.object({
    architecture: z.literal('jumprelu'),
    ...anySae,
    ...penalised,
    ...decoderNorm,
    bandwidth: z.number().gt(0).nullable().default(null),
  }),
  z.object({
    architecture: z.literal('gated'),
    ...anySae,
    ...penalised,
    /** Free rows leave the gate no scale to learn: its reconstruction uses them as given (arXiv 2404.16014 §3.2). */
    decoderNorm: DecoderNorm.default('unit'),
  }),
  z.object({
    architecture: z.literal('matryoshka'),
    ...anySae,
    ...decoderNorm,
    ...keepsLargest,
    ...thresholdRate,
    /** The nested dictionaries' widths, ascending; the last is the whole. */
    widths: z.array(z.int()).nullable().default(null),
  }),
])
export type SaeSpec = z.infer<typeof SaeSpec>

/** Where the activations come from: a set on disk, or the model itself, run as training goes. */
export const TrainingSource = z.discriminatedUnion('from', [
  z.object({ from: z.literal('activations'), activationSetId: ActivationSetId }),
  z.object({
    from: z.literal('model'),
    modelId: ModelId,
    corpusId: CorpusId,
    /** In any spelling. */
    hookName: z.string(),
    ...contextOptions,
  }),
])
export type TrainingSource = z.infer<typeof TrainingSource>

/** Where steps are computed; left out: the best there is. A run that asks for one this machine lacks is trained on the cpu, and notes why. */
export const TrainingBackend = z.enum(['cpu', 'webgpu', 'tensorflow'])

export const TrainRequest = z.object({
  source: TrainingSource,
  /** All are fed the same batches, so the activations are read once. */
  saes: z.array(SaeSpec).min(1).max(256),
  /** How long: tokens or steps, not both. Left out: as many passes as a small set needs (see `settings`). */
  tokens: z.int().optional(),
  steps: z.int().optional(),
  batchTokens: z.int().optional(),
  /** Steps, or a fraction of the run when below 1. */
  learningRateWarmUp: z.number().min(0).default(0.05),
  learningRateDecay: z.number().min(0).default(0.2),
  sparsityWarmUp: z.number().min(0).default(0.05),
  adam: z
    .object({
      beta1: z.number().min(0).lt(1).default(0.9),
      beta2: z.number().min(0).lt(1).default(0.999),
      epsilon: z.number().gt(0).default(1e-8),
    })
    .prefault({}),
  /** The gradient of one SAE is scaled down to this norm; null for no clipping. */
  clipNorm: z.number().gt(0).nullable().default(null),
  normalisation: InputNormalisation.default('expected_average_only_in'),
  /** Where b_dec starts. */
  centre: z.enum(['geometric_median', 'mean', 'zero']).default('geometric_median'),
  /** Position 0 of every row (BOS, attention sink) is left out of training and of every number. */
  skipPosition0: z.boolean().default(true),
  /** Order of the tokens. */
  seed: z.int().default(0),
  /** A feature silent for this many tokens is dead. */
  deadAfter: z.int().min(1).optional(),
  /** Steps between two points of the curve. */
  pointEvery: z.int().min(1).optional(),
  /** Steps between two measures of CE recovered (needs the model at hand); 0 for none. */
  ceEvery: z.int().min(0).optional(),
  /** Steps between two checkpoints; there is one at least every `checkpointSeconds` in any case. */
  checkpointEvery: z.int().min(1).optional(),
  checkpointSeconds: z.number().gt(0).default(30),
  backend: TrainingBackend.optional(),
  name: z.string().min(1).optional(),
})
export type TrainRequest = z.input<typeof TrainRequest>

/** A request with everything decided: enough to make the same run again. */
export const RunSettings = TrainRequest.extend({
  tokens: z.int(),
  steps: z.int(),
  batchTokens: z.int(),
  learningRateWarmUp: z.int(),
  learningRateDecay: z.int(),
  sparsityWarmUp: z.int(),
  deadAfter: z.int(),
  pointEvery: z.int(),
  ceEvery: z.int(),
  checkpointEvery: z.int(),
  /** null: the best this machine has, decided when the run begins and then kept. */
  backend: TrainingBackend.nullable(),
  threads: z.int(),
})
export type RunSettings = z.infer<typeof RunSettings>

/** One point of a training curve: means over the steps since the point before. */
export const CurvePoint = z.object({
  /** Steps taken so far. */
  step: z.int(),
  /** Tokens seen so far (position 0 not counted where it is left out). */
  tokens: z.int(),
  /** What was descended on, on normalised inputs: the sum of the four parts below. */
  loss: z.number(),
  reconstruction: z.number(),
  sparsity: z.number(),
  aux: z.number(),
  cosine: z.number(),
  /** Sum over d, mean over tokens; in the activations' own units where one factor normalises, else normalised. */
  mse: z.number(),
  l0: z.number(),
  explainedVariance: z.number(),
  /** Features silent for the last `deadAfter` tokens. */
  dead: z.int(),
  /** Dead features that began anew since the point before. */
  resampled: z.int(),
  learningRate: z.number(),
  /** λ; null for the kinds that keep the k largest. */
  sparsityWeight: z.number().nullable(),
  gradientNorm: z.number(),
  /** Against zero ablation; null where it was not measured. */
  ceRecovered: z.number().nullable(),
  /** Features by log10 of their density since the last histogram; null on most points. */
  density: z
    .object({
      tokens: z.int(),
      /** Left edge of bin 0 and width of a bin, in log10. */
      from: z.number(),
      binWidth: z.number(),
      counts: z.array(z.int()),
      /** Features that never fired. */
      silent: z.int(),
    })
    .nullable(),
  tokensPerSecond: z.number(),
})
export type CurvePoint = z.infer<typeof CurvePoint>

/** A training run: one or more SAEs fed by the same batches. */
export const Run = z.object({
  id: RunId,
  ...thing,
  saeIds: z.array(SaeId),
  hookName: HookName,
  dIn: z.int(),
  settings: RunSettings,
  /** What was decided along the way and why, a sentence each: a fallback, a number that cannot be measured. */
  notes: z.array(z.string()),
  /** False while it has not finished. */
  complete: z.boolean(),
})
export type Run = z.infer<typeof Run>

/** One mark of a Pareto plot: what an SAE of a run is, and how good it is (so far). */
export const RunSae = z.object({
  saeId: SaeId,
  name: z.string(),
  architecture: Architecture,
  spec: SaeSpec,
  /** The newest point of its curve. */
  point: CurvePoint.nullable(),
  /** Measured on the finished SAE. */
  metrics: SaeMetrics.nullable(),
})
export const RunSummary = z.object({
  run: Run,
  job: z.object({ id: JobId, state: JobState }).nullable(),
  saes: z.array(RunSae),
})
export type RunSummary = z.infer<typeof RunSummary>

export const training = {
  start: call(TrainRequest, z.object({ job: JobId, run: RunId, ids: z.array(SaeId) })),
  /** What a request would come to, every default worked out; checks it as `start` does. */
  settings: call(TrainRequest, RunSettings),
  /** All runs, newest first. */
  runs: call(z.object({}), z.array(RunSummary)),
  run: call(z.object({ id: RunId }), RunSummary),
  /** Points of an SAE's curve after a step (−1: from the first), in order. */
  curve: call(
    z.object({
      saeId: SaeId,
      afterStep: z.int().default(-1),
      limit: z.int().min(1).max(10_000).default(10_000),
    }),
    z.array(CurvePoint),
  ),
}
