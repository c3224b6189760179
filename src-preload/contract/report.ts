import { z } from 'zod'
import { ActivationSetId, JobId, ReportId, SaeId } from './ids.ts'
import { call } from './rpc.ts'
import { Architecture, SaeMetrics } from './sae.ts'
import { thing } from './thing.ts'

/** What is asked of a universality report, kept with it. */
export const ReportSettings = z.object({
  saeIds: z.array(SaeId).min(2).max(64),
  /** Those of them that are there to be compared against: another layer, another model. */
  baselineIds: z.array(SaeId).default([]),
  /** For correlations: each SAE is run on the first of these that has its hook point and model; all over the same tokens. */
  activationSetIds: z.array(ActivationSetId).max(64).default([]),
  /** At most so many tokens are measured, from the first on. */
  tokens: z.int().min(1).default(100_000),
  /** Leaves position 0 of every row out (BOS, attention sinks). */
  skipPosition0: z.boolean().default(true),
})
export type ReportSettings = z.output<typeof ReportSettings>

export const ReportRequest = ReportSettings.extend({ name: z.string().min(1).optional() })

/** log10 of the densities of the features that fire: counts[n] lie in [from + n·width, from + (n+1)·width). */
export const DensityHistogram = z.object({ from: z.number(), width: z.number(), counts: z.array(z.int()) })
export type DensityHistogram = z.infer<typeof DensityHistogram>

/** Mean lengths: of the activations and of their reconstructions over tokens, of the decoder's rows over features. */
export const MeanNorms = z.object({
  activation: z.number(),
  reconstruction: z.number(),
  decoder: z.number(),
})
export type MeanNorms = z.infer<typeof MeanNorms>

/** One SAE of a report. */
export const ReportedSae = z.object({
  id: SaeId,
  name: z.string(),
  dSae: z.int(),
  dIn: z.int(),
  architecture: Architecture,
  hookName: z.string().nullable(),
  modelName: z.string().nullable(),
  /** Tokens it was trained on, and its seed, where it was trained here. */
  trainedTokens: z.int().nullable(),
  seed: z.int().nullable(),
  baseline: z.boolean(),
  metrics: SaeMetrics.nullable(),
  norms: MeanNorms.nullable(),
  density: DensityHistogram.nullable(),
})
export type ReportedSae = z.infer<typeof ReportedSae>

/** Row i, column j: the features of SAE i looked for in SAE j. Not symmetric. null where it cannot be known. */
export const PairTable = z.array(z.array(z.number().nullable()))
export type PairTable = z.infer<typeof PairTable>

/** Many SAEs side by side: the tables and figures of the universality source. */
export const ReportNumbers = z.object({
  saes: z.array(ReportedSae),
  /** Mean largest decoder cosine; null where activations differ in width. */
  mcs: PairTable,
  /** The same with as many random directions in place of the column's, as expected. */
  mcsRandom: PairTable,
  /** Mean over the row's features that vary of the largest Pearson correlation; null without activations of both. */
  pearson: PairTable,
  /** The same with a randomly initialised SAE in place of the column's: as many features, as many of them firing. */
  pearsonRandom: PairTable,
  tokens: z.int().nullable(),
  skippedPosition0: z.boolean().nullable(),
  /** Whether the token ids of all sets were compared and are the same; false where they came without ids. */
  sameIds: z.boolean().nullable(),
})
export type ReportNumbers = z.infer<typeof ReportNumbers>

/** A universality report: every pair of a set of SAEs. */
export const Report = z.object({
  id: ReportId,
  ...thing,
  settings: ReportSettings,
  /** Tokens measured, once it is complete; null without activations. */
  tokens: z.int().nullable(),
  /** False while its job has not finished. */
  complete: z.boolean(),
})
export type Report = z.infer<typeof Report>

/** A file a report is exported as. */
export const ReportFile = z.object({
  kind: z.enum(['page', 'figure', 'table']),
  name: z.string(),
  content: z.string(),
})
export type ReportFile = z.infer<typeof ReportFile>

const Which = z.object({ id: ReportId })
export const reports = {
  list: call(z.object({}), z.array(Report)),
  get: call(Which, Report),
  create: call(ReportRequest, z.object({ job: JobId, id: ReportId })),
  /** What was found, once it is complete. */
  numbers: call(Which, ReportNumbers),
  /** The whole report as one HTML page, each figure as SVG, each table as CSV. */
  files: call(Which, z.array(ReportFile)),
}
