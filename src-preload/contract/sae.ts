import { z } from 'zod'
import { ActivationSetId, JobId, ModelId, RunId, SaeId } from './ids.ts'
import { HookName } from './model.ts'
import { call } from './rpc.ts'
import { thing } from './thing.ts'

export const Architecture = z.enum([
  'tied',
  'standard',
  'topk',
  'batchtopk',
  'jumprelu',
  'gated',
  'matryoshka',
])
export type Architecture = z.infer<typeof Architecture>

/** Who writes files of which shape; sae/formats has one file for each. */
export const SaeFormatName = z.enum([
  'saelens',
  'dictionary-learning',
  'sparsify',
  'gemma-scope',
  'gemma-scope-2',
  'openai',
  'llama-scope',
  'openmoss',
  'goodfire',
  'connor-rob',
  'bare', // tensors with names that are known, and nothing that says what they mean
])
export type SaeFormatName = z.infer<typeof SaeFormatName>

/** Something the loader had to decide, and what it decided by. */
export const Assumption = z.object({
  about: z.string(),
  value: z.string(),
  from: z.enum(['file', 'default', 'guess', 'you']),
})
export type Assumption = z.infer<typeof Assumption>

/** Measured on the tokens named; every number prints its token count and masking. */
export const SaeMetrics = z.object({
  /** Mean over tokens of the sum over d of the squared error. */
  mse: z.number(),
  l0: z.number(),
  explainedVariance: z.number(),
  dead: z.int(),
  tokens: z.int(),
  /** Whether position 0 of every row was left out. */
  skippedPosition0: z.boolean(),
  activationSetId: ActivationSetId.nullable(),
})
export type SaeMetrics = z.infer<typeof SaeMetrics>

export const Sae = z.object({
  id: SaeId,
  ...thing,
  architecture: Architecture,
  dIn: z.int(),
  dSae: z.int(),
  k: z.int().nullable(),
  hookName: HookName.nullable(),
  modelId: ModelId.nullable(),
  /** The name the file itself gives to its model. */
  modelName: z.string().nullable(),
  activationSetId: ActivationSetId.nullable(),
  runId: RunId.nullable(),
  assumptions: z.array(Assumption),
  metrics: SaeMetrics.nullable(),
  /** False while its training has not finished. */
  complete: z.boolean(),
})
export type Sae = z.infer<typeof Sae>

export const saes = {
  list: call(z.object({}), z.array(Sae)),
  get: call(z.object({ id: SaeId }), Sae),
  importFolder: call(
    z.object({ path: z.string(), name: z.string().optional(), modelId: ModelId.optional() }),
    z.object({ job: JobId, id: SaeId }),
  ),
  exportFolder: call(z.object({ id: SaeId, to: z.string() }), z.object({ folder: z.string() })),
}
