import { z } from 'zod'

/**
 * Ids are random, prefixed by the kind of thing and branded, so that a CorpusId where a ModelId is wanted
 * stops at the compiler, and `m-…` where `c-…` is wanted stops at the boundary.
 */
const id = <B extends string>(prefix: string): z.ZodType<string & z.$brand<B>, string> =>
  z
    .string()
    .regex(new RegExp(`^${prefix}-[a-z0-9]{6,16}$`), `an id that starts with "${prefix}-" is expected`)
    .brand<B>() as unknown as z.ZodType<string & z.$brand<B>, string>

export const ModelId = id<'ModelId'>('m')
export const CorpusId = id<'CorpusId'>('c')
export const ActivationSetId = id<'ActivationSetId'>('a')
export const SaeId = id<'SaeId'>('s')
export const RunId = id<'RunId'>('r')
/** A feature index: the codes of one SAE on one activation set. */
export const IndexId = id<'IndexId'>('i')
export const ComparisonId = id<'ComparisonId'>('p')
export const StitchId = id<'StitchId'>('t')
/** A universality report: many SAEs side by side. */
export const ReportId = id<'ReportId'>('u')
export const JobId = id<'JobId'>('j')
export type ModelId = z.infer<typeof ModelId>
export type CorpusId = z.infer<typeof CorpusId>
export type ActivationSetId = z.infer<typeof ActivationSetId>
export type SaeId = z.infer<typeof SaeId>
export type RunId = z.infer<typeof RunId>
export type IndexId = z.infer<typeof IndexId>
export type ComparisonId = z.infer<typeof ComparisonId>
export type StitchId = z.infer<typeof StitchId>
export type ReportId = z.infer<typeof ReportId>
export type JobId = z.infer<typeof JobId>

/** A feature's number within its SAE: 0 … d_sae − 1. */
export const FeatureNumber = z.int().min(0)
