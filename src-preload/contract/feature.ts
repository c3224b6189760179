import { z } from 'zod'
import { Float32s, Float64s, Uint32s } from './arrays.ts'
import { FeatureIndex, IndexSettings } from './feature-index.ts'
import { ActivationSetId, FeatureNumber, IndexId, JobId, ModelId, SaeId } from './ids.ts'
import { call, stream } from './rpc.ts'

/** Statistics of every feature at once, [dSae] each; T is `index.countedTokens`. Density is count / T. */
export const FeatureTable = z.object({
  index: FeatureIndex,
  /** Counted tokens the feature fires on. */
  count: Uint32s,
  /** Largest activation; 0 where it never fired. */
  max: Float32s,
  /** Σ a over the counted tokens: the mean is sum / T, the mean where it fires sum / count. */
  sum: Float64s,
  /** ‖W_dec,j‖ */
  decoderNorm: Float32s,
  encoderDecoderCosine: Float32s,
  /** ‖W_j‖² / Σ_i (Ŵ_j·W_i)² */
  dimensionality: Float32s,
})
export type FeatureTable = z.infer<typeof FeatureTable>

/** A feature of one SAE over one index. */
export const FeatureOfIndex = z.object({ indexId: IndexId, feature: FeatureNumber })
export type FeatureOfIndex = z.infer<typeof FeatureOfIndex>

/** A stretch of tokens around one of them, never past the ends of its row. */
export const TokenWindow = z.object({
  /** The index's number of the token in the middle, and of the first of the window. */
  token: z.int(),
  first: z.int(),
  activationSetId: ActivationSetId,
  /** The file the text comes from, or the activation set's name; row within the set; position 0 is the row's first token. */
  source: z.string(),
  row: z.int(),
  position: z.int(),
  /** Tokens of the row before and after the window. */
  before: z.int(),
  after: z.int(),
  /** Each token as text, a leading space as a space; empty where the set came without token ids. */
  tokens: z.array(z.string()),
  /**
   * One list a feature asked for: its activation on every token of the window; NaN where it is not known, because the
   * token was left out or its index ends before it.
   */
  activations: z.array(Float32s),
  /** Offsets in the window of tokens that do not count (position 0, extreme norm). */
  leftOut: z.array(z.int()),
})
export type TokenWindow = z.infer<typeof TokenWindow>

export const FeatureExample = z.object({ value: z.number(), window: TokenWindow })
export type FeatureExample = z.infer<typeof FeatureExample>

export const FeatureInterval = z.object({
  /** Activations a with from ≤ a < to (the strongest interval: ≤ to). */
  from: z.number(),
  to: z.number(),
  /** Firing tokens in it, and their share of all firing tokens. */
  count: z.int(),
  share: z.number(),
  examples: z.array(FeatureExample),
})
export type FeatureInterval = z.infer<typeof FeatureInterval>

export const FeaturePage = z.object({
  feature: FeatureNumber,
  /** Over `countedTokens` tokens. */
  statistics: z.object({
    countedTokens: z.int(),
    count: z.int(),
    density: z.number(),
    max: z.number(),
    /** Mean over all counted tokens. */
    mean: z.number(),
    /** Mean over the tokens it fires on; null where there are none. */
    meanWhereFiring: z.number().nullable(),
    decoderNorm: z.number().nullable(),
    encoderDecoderCosine: z.number().nullable(),
    dimensionality: z.number().nullable(),
  }),
  /** The strongest tokens; of equal ones the earlier. */
  top: z.array(FeatureExample),
  /** Ten equal-width intervals of activation, strongest first; empty for a feature that never fired. */
  intervals: z.array(FeatureInterval),
  /** Firing tokens in 50 equal bins of activation from 0 to the largest. */
  histogram: Uint32s,
})
export type FeaturePage = z.infer<typeof FeaturePage>

export const LogitLens = z.object({
  promoted: z.array(z.object({ token: z.string(), id: z.int(), logit: z.number() })),
  suppressed: z.array(z.object({ token: z.string(), id: z.int(), logit: z.number() })),
  /** Tokens of the vocabulary in equal bins of logit from `from` to `to`. */
  histogram: Uint32s,
  from: z.number(),
  to: z.number(),
  /** What was done before the unembedding, in words. */
  how: z.string(),
})
export type LogitLens = z.infer<typeof LogitLens>

export const Neighbour = z.object({ feature: FeatureNumber, cosine: z.number() })
export type Neighbour = z.infer<typeof Neighbour>

export const CoFiring = z.object({
  /** Tokens of the sketch that chose the candidates, whose numbers are exact; with few of them, every feature was looked at. */
  sampledTokens: z.int(),
  features: z.array(
    z.object({
      feature: FeatureNumber,
      /** Tokens both fire on. */
      together: z.int(),
      /** together · T / (count · count of the other): 1 is chance. */
      lift: z.number(),
      /** Pearson correlation of the activations over the counted tokens. */
      correlation: z.number(),
    }),
  ),
})
export type CoFiring = z.infer<typeof CoFiring>

export const TokenSearch = z.object({
  /** What was looked for: each a token of the vocabulary, or the tokens a word is written with. */
  forms: z.array(z.array(z.string())),
  /** Counted tokens of the index on which one of them ends. */
  occurrences: z.int(),
  features: z.array(
    z.object({
      feature: FeatureNumber,
      /** Occurrences it fires on, their share of the occurrences, and their share of its own firings. */
      fires: z.int(),
      recall: z.number(),
      precision: z.number(),
      /** Mean activation over the occurrences it fires on. */
      mean: z.number(),
    }),
  ),
})
export type TokenSearch = z.infer<typeof TokenSearch>

/** A text as the model and the SAE see it: codes by token, entries start[t] … start[t + 1]. */
export const TriedText = z.object({
  tokens: z.array(z.string()),
  start: Uint32s,
  feature: Uint32s,
  value: Float32s,
  /** True where the first token is BOS, put there by the model's own setting. */
  beginsWithBos: z.boolean(),
  /** Tokens that the model's context had no room for. */
  cutOff: z.int(),
})
export type TriedText = z.infer<typeof TriedText>

/** Directions of features in the plane, near each other where they point the same way; [n] each. */
export const FeatureMap = z.object({ features: Uint32s, x: Float32s, y: Float32s })
export type FeatureMap = z.infer<typeof FeatureMap>

export const IndexRequest = z.object({
  saeId: SaeId,
  activationSetId: ActivationSetId,
  /** Tokens of the set from its first; all of them unless said. More can be added later. */
  tokens: z.int().min(1).optional(),
  settings: IndexSettings.prefault({}),
  name: z.string().min(1).optional(),
})
export type IndexRequest = z.input<typeof IndexRequest>

const window = { before: z.int().min(0).max(2000).default(16), after: z.int().min(0).max(2000).default(10) }
const IndexStarted = z.object({ job: JobId, id: IndexId })

export const features = {
  /** All indexes, or those of one SAE; the newest last. */
  indexes: call(z.object({ saeId: SaeId.optional() }), z.array(FeatureIndex)),
  index: call(IndexRequest, IndexStarted),
  /** Adds tokens to an index: more of its last activation set, or those of another. */
  extendIndex: call(
    z.object({ id: IndexId, activationSetId: ActivationSetId.optional(), tokens: z.int().min(1).optional() }),
    IndexStarted,
  ),
  table: call(z.object({ indexId: IndexId }), FeatureTable),
  page: call(
    FeatureOfIndex.extend({
      ...window,
      top: z.int().min(0).max(1000).default(20),
      perInterval: z.int().min(0).max(100).default(5),
      /** At most one of the top examples from each row. */
      onePerRow: z.boolean().default(false),
    }),
    FeaturePage,
  ),
  /** The tokens around some tokens, with the activations of any features on them, also of other indexes over the same tokens. */
  windows: call(
    z.object({
      indexId: IndexId,
      tokens: z.array(z.int().min(0)).max(1000),
      features: z.array(FeatureOfIndex).max(16),
      ...window,
    }),
    z.array(TokenWindow),
  ),
  /** Tokens whose logits the decoder direction raises and lowers most. */
  logitLens: call(
    z.object({ saeId: SaeId, feature: FeatureNumber, count: z.int().min(1).max(1000).default(10) }),
    LogitLens,
  ),
  /** Features of an SAE with the largest decoder cosine with this one; of its own SAE, itself left out. */
  neighbours: call(
    z.object({
      saeId: SaeId,
      feature: FeatureNumber,
      inSaeId: SaeId,
      count: z.int().min(1).max(1000).default(10),
    }),
    z.array(Neighbour),
  ),
  coFiring: call(FeatureOfIndex.extend({ count: z.int().min(1).max(1000).default(10) }), CoFiring),
  /** Features that fire on a token, given as text with or without its leading space. */
  searchToken: call(
    z.object({ indexId: IndexId, text: z.string().min(1), count: z.int().min(1).max(1000).default(50) }),
    TokenSearch,
  ),
  /** How far the map is, and at the end the map: of the features that fire, the densest 10,000 where there are more. */
  map: stream(z.object({ indexId: IndexId }), z.object({ share: z.number(), map: FeatureMap.nullable() })),
  tryText: call(z.object({ saeId: SaeId, text: z.string().min(1), modelId: ModelId.optional() }), TriedText),
}
