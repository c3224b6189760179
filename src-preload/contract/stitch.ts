import { z } from 'zod'
import { Bytes, Float32s, Float64s, Int32s } from './arrays.ts'
import { EvaluatedOn, EvaluationRequest } from './evaluation.ts'
import { ComparisonId, JobId, SaeId, StitchId } from './ids.ts'
import { call } from './rpc.ts'
import { SaeMetrics } from './sae.ts'
import { thing } from './thing.ts'

/**
 * How the features of an SAE are used in a hybrid.
 * exact: each fires by itself (standard, tied, jumprelu, gated, and batchtopk or matryoshka with their threshold).
 * fixed-threshold: an SAE that keeps the k largest; here each of its features fires above one threshold, the mean of the
 *   smallest kept activation on the evaluation tokens. Close, not exact.
 */
export const FeatureForm = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exact') }),
  z.object({ kind: z.literal('fixed-threshold'), threshold: z.number() }),
])
export type FeatureForm = z.infer<typeof FeatureForm>

/** A bench: features of the donor on their way into the base, measured on the same tokens throughout. */
export const Stitch = z.object({
  id: StitchId,
  ...thing,
  /** The host: its features begin in the hybrid, and its b_dec stays the hybrid's. */
  baseId: SaeId,
  donorId: SaeId,
  baseCount: z.int(),
  donorCount: z.int(),
  evaluation: EvaluationRequest,
  /** null until the evaluation set is prepared. */
  evaluatedOn: EvaluatedOn.nullable(),
  baseForm: FeatureForm.nullable(),
  donorForm: FeatureForm.nullable(),
  /** False while its evaluation set is being prepared. */
  complete: z.boolean(),
})
export type Stitch = z.infer<typeof Stitch>

/** A hybrid on the evaluation tokens. MSE: sum over d, mean over tokens. */
export const HybridMetrics = z.object({
  mse: z.number(),
  explainedVariance: z.number(),
  l0: z.number(),
  features: z.int(),
  parameters: z.int(),
  /** Features that fire on none of the tokens. */
  dead: z.int(),
})
export type HybridMetrics = z.infer<typeof HybridMetrics>

/** Features that come and go in one step. Those that are there (or gone) already are passed over. */
export const StitchEdit = z.object({
  title: z.string().max(200),
  base: z.object({ add: Int32s, remove: Int32s }),
  donor: z.object({ add: Int32s, remove: Int32s }),
})
export type StitchEdit = z.infer<typeof StitchEdit>

/** A point in the history of a bench. Point 0 is the base as it is; each other point is an edit of its parent. */
export const HistoryPoint = z.object({
  point: z.int(),
  parent: z.int().nullable(),
  title: z.string(),
  metrics: HybridMetrics,
  at: z.iso.datetime(),
})
export type HistoryPoint = z.infer<typeof HistoryPoint>
export const NamedVersion = z.object({ name: z.string(), point: z.int() })
export type NamedVersion = z.infer<typeof NamedVersion>

/** What a bench shows besides the effects. */
export const BenchState = z.object({
  point: z.int(),
  metrics: HybridMetrics,
  history: z.array(HistoryPoint),
  versions: z.array(NamedVersion),
  canUndo: z.boolean(),
  canRedo: z.boolean(),
})
export type BenchState = z.infer<typeof BenchState>

/** For every candidate, the base's features first, then the donor's: what toggling it alone would do. */
export const CandidateEffects = z.object({
  point: z.int(),
  /** 1 where the hybrid has the feature. */
  inHybrid: Bytes,
  /** Exact change in MSE when it is added (where out) or removed (where in). */
  deltaMse: Float64s,
  /** Fraction of tokens on which it fires: the change in L0. */
  density: Float32s,
  /** Share of the hybrid's squared error that lies along the feature where it fires, at its best scale. */
  explains: Float32s,
  /** Features in the hybrid whose direction is overshot where they fire. */
  overPredicted: z.int(),
})
export type CandidateEffects = z.infer<typeof CandidateEffects>

export const Change = z.object({ before: HybridMetrics, after: HybridMetrics })
export type Change = z.infer<typeof Change>
export const Moved = z.object({ point: z.int(), ...Change.shape })
export type Moved = z.infer<typeof Moved>

/** The per-token error of one row of the evaluation set: where the hybrid is better or worse than the base. */
export const TokenErrors = z.object({
  /** Token ids; null where the activation set came without. */
  ids: Int32s.nullable(),
  /** Position of each token in its row. */
  position: Int32s,
  base: Float64s,
  hybrid: Float64s,
})
export type TokenErrors = z.infer<typeof TokenErrors>

export const StitchRequest = z.object({
  baseId: SaeId,
  donorId: SaeId,
  evaluation: EvaluationRequest,
  name: z.string().optional(),
})

/** Hybrids one after the other. Entry 0 of each is the base as it is, entry n what it is after n steps. */
const Walk = z.object({
  mse: Float64s,
  explainedVariance: Float64s,
  l0: Float64s,
  features: Int32s,
})
export type Walk = z.infer<typeof Walk>

/** What a step of the path does: 0 adds a novel feature, 1 swaps a component, 2 removes what matches nothing. */
export const PATH_STEP = { add: 0, swap: 1, remove: 2 } as const

/**
 * From the base to the donor: every novel feature, the most novel first, then the components as swaps, the most similar
 * first, then the features of the base that match nothing go. The base's b_dec stays throughout.
 */
export const StitchPath = z.object({
  threshold: z.number(),
  /** [steps] one of PATH_STEP, and the cosine the step stands at. */
  kind: Bytes,
  cosine: Float32s,
  walk: Walk,
  /** Step n toggles candidates candidate[start[n]] … candidate[start[n + 1] − 1]. */
  start: Int32s,
  candidate: Int32s,
})
export type StitchPath = z.infer<typeof StitchPath>

/** Features of the donor in the order in which each lowers the error the most, all before it being there. */
export const GreedyOrder = z.object({
  /** [picks] features of the donor. */
  picks: Int32s,
  walk: Walk,
  /** As many features in the order of novelty, on the same tokens. */
  byCosine: z.object({ picks: Int32s, walk: Walk }),
  l0Limit: z.number().nullable(),
})
export type GreedyOrder = z.infer<typeof GreedyOrder>

/** Frankenstein's SAE (source: stitching SAEs): the smallest SAE, then of each larger one what the hybrid has not yet. */
export const FrankensteinRequest = z.object({
  /** Two or more; the smallest is the host, whose b_dec stays. */
  saeIds: z.array(SaeId).min(2),
  evaluation: EvaluationRequest,
  /** A feature is taken when its max cosine with the present hybrid is below this: one for all, or one for each step. */
  thresholds: z.array(z.number().min(-1).max(1)).min(1).default([0.7]),
  /** Refits the decoder by least squares on the evaluation tokens, encoder frozen. */
  refit: z.boolean().default(true),
  /** ε of the refit, and the most steps of conjugate gradients. */
  ridge: z.number().min(0).default(1e-3),
  iterations: z.int().min(1).max(1000).default(50),
  name: z.string().min(1).optional(),
})
export type FrankensteinRequest = z.output<typeof FrankensteinRequest>

const Quality = SaeMetrics.omit({ activationSetId: true, skippedPosition0: true })
/** Kept with the SAE that was made (its provenance's `report`). */
export const FrankensteinReport = z.object({
  evaluatedOn: EvaluatedOn,
  steps: z.array(
    z.object({
      saeId: SaeId,
      threshold: z.number().nullable(),
      features: z.int(),
      taken: z.int(),
      form: FeatureForm,
    }),
  ),
  before: Quality,
  /** null where the decoder was not refitted. */
  after: Quality.nullable(),
  /** The SAEs it was made of, as they are, on the same tokens. */
  originals: z.array(z.object({ saeId: SaeId, features: z.int(), quality: Quality })),
})
export type FrankensteinReport = z.infer<typeof FrankensteinReport>

/** Mean next-token losses in nats over whole rows, with reconstructions put in at the hook. */
export const SplicedLosses = z.object({
  rows: z.int(),
  skippedPosition0: z.boolean(),
  /** The model as it is, with zero and with the mean activation of the tokens measured put in. */
  clean: z.number(),
  zero: z.number(),
  mean: z.number(),
  points: z.array(z.object({ point: z.int(), loss: z.number() })),
  /** Steps of the path; emptied when the path is found anew. */
  steps: z.array(z.object({ step: z.int(), loss: z.number() })),
})
export type SplicedLosses = z.infer<typeof SplicedLosses>

export const LossRequest = z.object({
  /** Points of the history, and steps of the path, to measure. */
  points: z.array(z.int().min(0)).default([]),
  steps: z.array(z.int().min(0)).default([]),
  /** Rows of the activation set, from the first. */
  rows: z.int().min(1).default(32),
})

/** Which feature of which SAE each feature of a hybrid was. */
export const FeatureOrigins = z.object({
  saes: z.array(z.object({ id: z.string(), name: z.string() })),
  /** [features] index into `saes`. */
  sae: Int32s,
  /** [features] the number it has there. */
  feature: Int32s,
})
export type FeatureOrigins = z.infer<typeof FeatureOrigins>

const Which = z.object({ id: StitchId })
const Guided = z.object({ ...Which.shape, comparisonId: ComparisonId })
const Started = z.object({ job: JobId })
/** Calls that an open bench answers, each in its own thread. */
export const bench = {
  state: call(Which, BenchState),
  /** Everything needed to show the effect of any single change while it hangs over the hybrid. */
  effects: call(Which, CandidateEffects),
  /** What an edit would give, exactly, without making it. */
  preview: call(z.object({ ...Which.shape, edit: StitchEdit }), Change),
  /** Makes the edit; durable when answered. `effects` follow a moment later. */
  apply: call(z.object({ ...Which.shape, edit: StitchEdit }), Moved),
  undo: call(Which, Moved),
  redo: call(Which, Moved),
  /** Goes to any point of the history. */
  goTo: call(z.object({ ...Which.shape, point: z.int().min(0) }), Moved),
  nameVersion: call(z.object({ ...Which.shape, name: z.string().min(1).max(100) }), BenchState),
  /** What leads from one point to another. */
  difference: call(z.object({ ...Which.shape, from: z.int().min(0), to: z.int().min(0) }), StitchEdit),
  /** Errors token by token of one row of the evaluation set. */
  tokenErrors: call(z.object({ ...Which.shape, row: z.int().min(0) }), TokenErrors),
  /** Goes to a step of the path as one edit. */
  walkTo: call(z.object({ ...Which.shape, step: z.int().min(0) }), Moved),
  path: call(Which, StitchPath.nullable()),
  greedy: call(Which, GreedyOrder.nullable()),
  losses: call(Which, SplicedLosses.nullable()),
  /** Saves the hybrid as an SAE, with the labels of its parents. */
  save: call(z.object({ ...Which.shape, name: z.string().min(1) }), z.object({ saeId: SaeId })),
}

export const stitch = {
  list: call(z.object({}), z.array(Stitch)),
  get: call(Which, Stitch),
  /** Prepares the evaluation set in a job; then the bench can be used. `job` is null where it is prepared already. */
  create: call(StitchRequest, z.object({ job: JobId.nullable(), id: StitchId })),
  /** Works out the path by a comparison of the same two; read it with `path`. */
  findPath: call(z.object({ ...Guided.shape, threshold: z.number().min(-1).max(1).default(0.7) }), Started),
  /** Works out the greedy order within a budget; read it with `greedy`. */
  findGreedy: call(
    z.object({
      ...Guided.shape,
      /** At most so many features are added. */
      features: z.int().min(1),
      /** The hybrid's L0 stays at or below it. */
      l0Limit: z.number().positive().nullable().default(null),
    }),
    Started,
  ),
  /** Measures the next-token loss of hybrids; read with `losses`. Needs activations with token ids, and their model. */
  measureLoss: call(z.object({ ...Which.shape, ...LossRequest.shape }), Started),
  frankenstein: call(FrankensteinRequest, z.object({ job: JobId, id: SaeId })),
  /** What was done and measured when a Frankenstein SAE was made; null for any other SAE. */
  frankensteinReport: call(z.object({ id: SaeId }), FrankensteinReport.nullable()),
  /** Where each feature of a stitched SAE comes from; null for any other SAE. */
  origins: call(z.object({ id: SaeId }), FeatureOrigins.nullable()),
  ...bench,
}
