import { z } from 'zod'
import { Float32s, Float64s, Int32s, Uint32s } from './arrays.ts'
import { EvaluatedOn, EvaluationRequest } from './evaluation.ts'
import { ActivationSetId, ComparisonId, FeatureNumber, IndexId, JobId, SaeId } from './ids.ts'
import { Problem } from './problem.ts'
import { call, stream } from './rpc.ts'
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
      /**
       * The same with the tokens of the other SAE shuffled: what features of these densities reach by chance. null in a
       * comparison made before this was measured.
       */
      pearsonByChance: z.object({ aToB: Matches, bToA: Matches }).nullable(),
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

/** How some features of one SAE lie to each other: alternatives, or a subspace? */
export const SplitGeometry = z.object({
  /** [n, n] rate of firing together against chance: 1 by chance, 0 never; NaN where one never fires. null without an index. */
  lift: Float64s.nullable(),
  /** Tokens of the index that count. */
  tokens: z.int().nullable(),
  /** Participation ratio of the directions about their mean: 1 on a line, 2 in a plane. */
  effectiveDimension: z.number(),
  /** [n] share of the spread along each principal axis, largest first. */
  explained: Float64s,
  /** [n, 2] the directions on their first two principal axes. */
  plane: Float64s,
})
export type SplitGeometry = z.infer<typeof SplitGeometry>

/** What features are matched one-to-one by. */
export const MatchBy = z.enum(['cosine', 'pearson'])
export type MatchBy = z.infer<typeof MatchBy>

/** The one-to-one matching of the largest total weight. */
export const Matching = z.object({
  by: MatchBy,
  /** False where only the k best candidates of each feature were considered. */
  allPairs: z.boolean(),
  /** [aCount] the feature of B each feature of A is matched with, −1 where there are none left, and the weight. */
  bOfA: Int32s,
  weight: Float32s,
  /** Over the matched pairs. */
  mean: z.number(),
  /**
   * The same matching by chance, its mean and the weights of its pairs: as many random directions (cosine), B's tokens
   * shuffled (pearson). null where it is not known.
   */
  randomMean: z.number().nullable(),
  randomWeight: Float32s.nullable().default(null),
})
export type Matching = z.infer<typeof Matching>

/** How well the activations of each feature of B follow from those of a few features of A. */
export const SparseMap = z.object({
  kind: z.enum(['ridge', 'lasso']),
  penalty: z.number(),
  evaluatedOn: EvaluatedOn,
  /** Predictors of a feature are chosen among so many features of A, the most correlated with it. */
  candidates: z.int(),
  /** [bCount] on the same tokens; NaN where the feature of B does not vary. */
  r2: Float32s,
  /** [bCount] predictors with a weight that is not zero. */
  nonZeros: Int32s,
  /** [bCount · candidates] feature of A (−1: none) and its weight, the largest first. */
  predictor: Int32s,
  weight: Float32s,
  meanR2: z.number(),
})
export type SparseMap = z.infer<typeof SparseMap>

/** Directions of both SAEs in one plane, near each other where they point the same way: first those of A, then those of B. */
export const ComparisonMap = z.object({
  aFeatures: Uint32s,
  bFeatures: Uint32s,
  /** [aFeatures + bFeatures] */
  x: Float32s,
  y: Float32s,
})
export type ComparisonMap = z.infer<typeof ComparisonMap>

const Which = z.object({ id: ComparisonId })
const Started = z.object({ job: JobId })
export const compare = {
  list: call(z.object({}), z.array(Comparison)),
  get: call(Which, Comparison),
  /** `job` is null where the same comparison exists already. */
  create: call(CompareRequest, z.object({ job: JobId.nullable(), id: ComparisonId })),
  arrays: call(Which, ComparisonArrays),
  /** Why the rows of two sets are not over the same token ids, by all ids of the first and the last tokens; null where they are. */
  otherTokens: call(
    z.object({ activationSetId: ActivationSetId, bActivationSetId: ActivationSetId }),
    Problem.nullable(),
  ),
  /** How far the map of both is, and at the end the map: of all features, or 10,000 taken evenly where there are more. */
  map: stream(Which, z.object({ share: z.number(), map: ComparisonMap.nullable() })),
  splitGeometry: call(
    z.object({
      saeId: SaeId,
      features: z.array(FeatureNumber).min(2).max(200),
      indexId: IndexId.nullable().default(null),
    }),
    SplitGeometry,
  ),
  /** Works out the one-to-one matching; read it with `matching`. */
  findMatching: call(z.object({ ...Which.shape, by: MatchBy }), Started),
  matching: call(z.object({ ...Which.shape, by: MatchBy }), Matching.nullable()),
  /** Fits the sparse map from A to B; read it with `sparseMap`. Needs a comparison with activations. */
  findSparseMap: call(
    z.object({
      ...Which.shape,
      kind: SparseMap.shape.kind.default('lasso'),
      /** Relative to the variance of each feature of B: 0 fits freely, 1 keeps no predictor (lasso). */
      penalty: z.number().min(0).max(1).default(0.05),
      candidates: z.int().min(1).max(256).default(32),
    }),
    Started,
  ),
  sparseMap: call(z.object({ ...Which.shape, kind: SparseMap.shape.kind }), SparseMap.nullable()),
}
