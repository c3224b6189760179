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

/** The steps of the preparation, in order: what is done, and what it is good for. */
export const DEMO_STAGES = [
  {
    id: 'model',
    title: 'Adding the demo model',
    meaning: 'A small language model that comes with Suture. It has learnt short stories and nothing else.',
  },
  {
    id: 'stories',
    title: 'Writing stories with known concepts',
    meaning:
      'Fresh stories of people, weekdays, sums, brackets, code. Which word is about what is known, to test features later.',
  },
  {
    id: 'harvest',
    title: 'Harvest: the model reads the stories',
    meaning:
      'At every token the model holds a vector of numbers half-way through: an activation. All of them are kept.',
  },
  {
    id: 'train',
    title: 'Train: SAEs of three widths on what the model thought',
    meaning: 'A sparse autoencoder learns to write each activation as a sum of a few of its many features.',
  },
  {
    id: 'index',
    title: 'Index: where does each feature fire',
    meaning: 'Every token is encoded once, so that the page of any feature opens at once.',
  },
  {
    id: 'compare',
    title: 'Compare: what does the wider SAE know',
    meaning:
      'Every feature of the second SAE is held against all of the first: known already, or something novel?',
  },
  {
    id: 'concepts',
    title: 'Concepts: which feature finds what the stories are about',
    meaning:
      'For every concept the feature that finds it best: a test of the SAEs against what is known to be there.',
  },
] as const
export type DemoStageId = (typeof DEMO_STAGES)[number]['id']

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
  /** Which demo model, stories and settings it was made with; not known of those made before this was written down. */
  edition: z.string().optional(),
  /** The step of DEMO_STAGES that was begun last. */
  stage: z.int().min(0).default(0),
  complete: z.boolean().default(false),
})
export type Demo = z.infer<typeof Demo>

/** The Demo workspace, and whether this program would make another one by now. */
export const DemoState = Demo.extend({ outdated: z.boolean() })
export type DemoState = z.infer<typeof DemoState>

export const demo = {
  /** null where it was never prepared. */
  state: call(z.object({}), DemoState.nullable()),
  /** Prepares it: the job, or null where all of it is there. `anew` replaces one that is outdated. */
  prepare: call(z.object({ anew: z.boolean().default(false) }), z.object({ job: JobId.nullable() })),
}
