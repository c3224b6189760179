import { z } from 'zod'
import { ActivationSetId, ComparisonId, CorpusId, IndexId, JobId, ModelId, RunId, SaeId } from './ids.ts'
import { call } from './rpc.ts'

/** How well one feature, taken as a detector with a threshold, finds the tokens of a known concept. */
export const ConceptMatch = z.object({
  concept: z.string(),
  /** Tokens that are about it. */
  tokens: z.int(),
  /** −1 where no feature fires on it at all. */
  feature: z.int(),
  /** 2·precision·recall / (precision + recall), at the threshold where it is highest. */
  f1: z.number(),
  precision: z.number(),
  recall: z.number(),
  /** Fires where the activation is at least this. */
  threshold: z.number(),
})
export type ConceptMatch = z.infer<typeof ConceptMatch>

/** The best feature of every concept, for one SAE, on the tokens of one index. */
export const SaeConcepts = z.object({
  saeId: SaeId,
  indexId: IndexId,
  tokens: z.int(),
  matches: z.array(ConceptMatch),
})
export type SaeConcepts = z.infer<typeof SaeConcepts>

/** What of the Demo workspace is there; ids are known before their things are whole. */
export const Demo = z.object({
  modelId: ModelId.optional(),
  corpusId: CorpusId.optional(),
  activationSetId: ActivationSetId.optional(),
  runId: RunId.optional(),
  saeIds: z.array(SaeId).default([]),
  indexIds: z.array(IndexId).default([]),
  comparisonId: ComparisonId.optional(),
  concepts: z.array(SaeConcepts).default([]),
  complete: z.boolean().default(false),
})
export type Demo = z.infer<typeof Demo>

export const demo = {
  /** null where it was never prepared. */
  state: call(z.object({}), Demo.nullable()),
  /** Prepares it: the job, or null where all of it is there. */
  prepare: call(z.object({}), z.object({ job: JobId.nullable() })),
}
