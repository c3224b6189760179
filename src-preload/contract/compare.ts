import { z } from 'zod'
import { Float32s, Float64s, Int32s } from './arrays.ts'
import { EvaluatedOn, EvaluationRequest } from './evaluation.ts'
import { ActivationSetId, ComparisonId, JobId, SaeId } from './ids.ts'
import { call } from './rpc.ts'
import { SaeMetrics } from './sae.ts'
import { thing } from './thing.ts'

/** One value for each direction: features of A looked for in B, and the other way round. Neither is symmetric. */
const bothWays = <S extends z.ZodType>(schema: S) => z.object({ aToB: schema, bToA: schema })

/** Decoder cosine of all pairs, in few numbers. */
export const CosineSummary = z.object({
  /** Mean over features of the largest cosine with a feature of the other SAE (MCS). */
  mcs: bothWays(z.number()),
  /** What random directions would give: the mean largest cosine with as many of them. */
  nullLine: bothWays(z.number()),
  /** Matches kept per feature. */
  k: z.int(),
  /** Edges are known above this cosine. */
  floor: z.number(),
  edges: z.int(),
})
export type CosineSummary = z.infer<typeof CosineSummary>

/** What both SAEs do on the same tokens, in few numbers. */
export const ActivationSummary = z.object({
  evaluatedOn: EvaluatedOn,
  /** B's activations, where they are another set over the same token ids (another hook, another model). */
  bActivationSetId: ActivationSetId.nullable(),
  /** Mean over the features that vary of the largest Pearson correlation with a feature of the other SAE. */
  meanMaxPearson: bothWays(z.number()),
  /** Features whose activation varies on these tokens. */
  varying: z.object({ a: z.int(), b: z.int() }),
  a: SaeMetrics.nullable(),
  b: SaeMetrics.nullable(),
  /** Why ΔMSE was not measured; null where it was. */
  noEffect: z.string().nullable(),
})
export type ActivationSummary = z.infer<typeof ActivationSummary>

/** What is asked of a comparison, kept with it. */
export const CompareSettings = z.object({
  /** Matches kept per feature. */
  k: z.int().min(1).max(100).default(10),
  /** Edges above this cosine are kept; thresholds can be followed down to it. */
  floor: z.number().min(0).max(1).default(0.5),
  /** Also measures activations on these tokens: correlation, density, ΔMSE of every feature of B added to A. */
  evaluation: EvaluationRequest.nullable().default(null),
  /** B's activations, where they are another set over the same token ids. */
  bActivationSetId: ActivationSetId.nullable().default(null),
  /** Also keeps the masked activation cosine (Towards Monosemanticity). */
  maskedCosine: z.boolean().default(false),
})
export type CompareSettings = z.output<typeof CompareSettings>

/** Two SAEs side by side: B, usually the wider one, against A. */
export const Comparison = z.object({
  id: ComparisonId,
  ...thing,
  aId: SaeId,
  bId: SaeId,
  aCount: z.int(),
  bCount: z.int(),
  settings: CompareSettings,
  /** null where the two have activations of different widths: their directions cannot be compared. */
  cosine: CosineSummary.nullable(),
  activations: ActivationSummary.nullable(),
  /** False while its job has not finished. */
  complete: z.boolean(),
})
export type Comparison = z.infer<typeof Comparison>

export const CompareRequest = z.object({
  aId: SaeId,
  bId: SaeId,
  name: z.string().optional(),
  ...CompareSettings.shape,
})

/** For every feature its k best of the other SAE, best first: value [features · k], feature [features · k] (−1: none). */
export const Matches = z.object({ k: z.int(), value: Float32s, feature: Int32s })
export type Matches = z.infer<typeof Matches>

/** Everything a view follows a threshold with. Sent once. */
export const ComparisonArrays = z.object({
  cosine: z
    .object({
      aToB: Matches,
      bToA: Matches,
      /** Pairs above the floor, largest cosine first (see swap-graph.ts). */
      edges: z.object({ a: Int32s, b: Int32s, cosine: Float32s }),
    })
    .nullable(),
  activations: z
    .object({
      pearson: z.object({ aToB: Matches, bToA: Matches }),
      maskedCosine: z.object({ aToB: Matches, bToA: Matches }).nullable(),
      /** [aCount], [bCount] fraction of tokens on which each feature fires. */
      aDensity: Float32s,
      bDensity: Float32s,
      /** [bCount] exact change in MSE of A when the feature of B is added alone; null where it means nothing. */
      deltaMse: Float64s.nullable(),
    })
    .nullable(),
})
export type ComparisonArrays = z.infer<typeof ComparisonArrays>

const Which = z.object({ id: ComparisonId })
export const compare = {
  list: call(z.object({}), z.array(Comparison)),
  get: call(Which, Comparison),
  /** `job` is null where the same comparison exists already. */
  create: call(CompareRequest, z.object({ job: JobId.nullable(), id: ComparisonId })),
  arrays: call(Which, ComparisonArrays),
}
