import { z } from 'zod'
import { ActivationSetId, IndexId, SaeId } from './ids.ts'
import { thing } from './thing.ts'

/** Which tokens count. Recorded with the index and shown beside every number made from it. */
export const IndexSettings = z.object({
  /** Position 0 of every row (BOS, attention sinks) is left out. */
  skipPosition0: z.boolean().default(true),
  /** Tokens whose norm is above this many times the median norm are left out; null: none are. */
  maxNormMultiple: z.number().positive().nullable().default(null),
})
export type IndexSettings = z.infer<typeof IndexSettings>

/** Tokens of one activation set, numbered on from those of the part before. */
export const IndexPart = z.object({
  activationSetId: ActivationSetId,
  /** Tokens of the set, from its first, that the finished index covers. */
  tokens: z.int().min(1),
  /** Tokens above this norm are left out; null while the settings leave none out. */
  normLimit: z.number().nullable(),
})
export type IndexPart = z.infer<typeof IndexPart>

/** The codes of one SAE over some tokens, as an inverted index: per feature, where it fires and how strongly. */
export const FeatureIndex = z.object({
  id: IndexId,
  ...thing,
  saeId: SaeId,
  /** The first part's set: the one the index was made from. */
  activationSetId: ActivationSetId,
  parts: z.array(IndexPart).min(1),
  settings: IndexSettings,
  dSae: z.int(),
  /** Tokens indexed so far, all parts together, left-out ones included. */
  tokens: z.int(),
  /** Tokens that count: T in density and mean. */
  countedTokens: z.int(),
  /** Non-zero codes. */
  nonZeros: z.number(),
  bytes: z.number(),
  /** False while the job that makes or extends it has not finished. */
  complete: z.boolean(),
})
export type FeatureIndex = z.infer<typeof FeatureIndex>
