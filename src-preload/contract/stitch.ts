import { z } from 'zod'
import { Bytes, Float32s, Float64s, Int32s } from './arrays.ts'
import { EvaluatedOn, EvaluationRequest } from './evaluation.ts'
import { ComparisonId, JobId, SaeId, StitchId } from './ids.ts'
import { call } from './rpc.ts'
import { thing } from './thing.ts'
import { FeatureForm, FeatureOrigins, HybridMetrics } from './hybrid.ts'
import {
  FrankensteinReport,
  FrankensteinRequest,
  GreedyOrder,
  LossRequest,
  Reencoded,
  SplicedLosses,
  StitchPath,
} from './stitch-results.ts'

export * from './hybrid.ts'
export * from './stitch-results.ts'

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
  /** The same of the base alone. */
  overPredictedBase: z.int(),
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

/** The same of a text typed by hand. */
export const TextErrors = z.object({
  /** Each token as text; a leading space is a space. */
  tokens: z.array(z.string()),
  base: Float64s,
  hybrid: Float64s,
})
export type TextErrors = z.infer<typeof TextErrors>

export const StitchRequest = z.object({
  baseId: SaeId,
  donorId: SaeId,
  evaluation: EvaluationRequest,
  name: z.string().optional(),
})

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
  /** How many features would be over-predicted after an edit, without making it; costs as much as making it. */
  overPredicted: call(z.object({ ...Which.shape, edit: StitchEdit }), z.object({ after: z.int() })),
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
  /** Errors token by token of a text; needs the model that the activations are of. */
  textErrors: call(z.object({ ...Which.shape, text: z.string().min(1).max(20_000) }), TextErrors),
  /** Goes to a step of the path as one edit. */
  walkTo: call(z.object({ ...Which.shape, step: z.int().min(0) }), Moved),
  path: call(Which, StitchPath.nullable()),
  greedy: call(Which, GreedyOrder.nullable()),
  losses: call(Which, SplicedLosses.nullable()),
  reencoded: call(Which, Reencoded.nullable()),
  /** Saves the hybrid as an SAE, with the labels of its parents. */
  save: call(
    z.object({
      ...Which.shape,
      name: z.string().min(1),
      /** For a host that keeps the k largest: the hybrid keeps k too, instead of using the fixed-threshold form. */
      keepsLargest: z.boolean().default(false),
    }),
    z.object({ saeId: SaeId }),
  ),
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
  /** Measures a point with the k largest chosen anew; read it with `reencoded`. For a host that keeps the k largest. */
  reencode: call(z.object({ ...Which.shape, point: z.int().min(0) }), Started),
  frankenstein: call(FrankensteinRequest, z.object({ job: JobId, id: SaeId })),
  /** What was done and measured when a Frankenstein SAE was made; null for any other SAE. */
  frankensteinReport: call(z.object({ id: SaeId }), FrankensteinReport.nullable()),
  /** Where each feature of a stitched SAE comes from; null for any other SAE. */
  origins: call(z.object({ id: SaeId }), FeatureOrigins.nullable()),
  ...bench,
}
