import { z } from 'zod'
import { Bytes, Float32s, Float64s, Int32s } from './arrays.ts'
import { EvaluatedOn, EvaluationRequest } from './evaluation.ts'
import { FeatureForm, HybridMetrics } from './hybrid.ts'
import { SaeId } from './ids.ts'
import { SaeMetrics } from './sae.ts'

// What long work on stitches is asked for and finds.

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

export const RefitMethod = z.enum(['least-squares', 'sgd'])
export type RefitMethod = z.infer<typeof RefitMethod>

/** Frankenstein's SAE (source: stitching SAEs): the smallest SAE, then of each larger one what the hybrid has not yet. */
export const FrankensteinRequest = z.object({
  /** Two or more; the smallest is the host, whose b_dec stays. */
  saeIds: z.array(SaeId).min(2),
  evaluation: EvaluationRequest,
  /** A feature is taken when its max cosine with the present hybrid is below this: one for all, or one for each step. */
  thresholds: z.array(z.number().min(-1).max(1)).min(1).default([0.7]),
  /** Refits the decoder on the evaluation tokens, encoder frozen. */
  refit: z.boolean().default(true),
  /** How: conjugate gradients on the normal equations, or passes of stochastic gradient descent. */
  refitBy: RefitMethod.default('least-squares'),
  /** ε of least squares, and the most steps of conjugate gradients, or the passes over the tokens. */
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
  /** Asked for by the bench itself after an edit: the jobs tray leaves it out while it goes well. */
  quiet: z.boolean().default(false),
})

/**
 * A hybrid on a host that keeps the k largest, re-encoded exactly: what each token keeps is chosen anew among all of its
 * features. The bench itself uses the fixed-threshold form.
 */
export const Reencoded = z.object({
  point: z.int(),
  before: HybridMetrics,
  after: HybridMetrics,
  /** [donorCount] change in MSE when a feature of the donor is added alone to the base. */
  deltaMse: Float64s,
})
export type Reencoded = z.infer<typeof Reencoded>
