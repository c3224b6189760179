import { z } from 'zod'
import { JobId, ModelId } from './ids.ts'
import { call } from './rpc.ts'
import { thing } from './thing.ts'

/** TransformerLens spelling, e.g. `blocks.2.hook_resid_pre`. */
export const HookName = z
  .string()
  .regex(/^(hook_embed|blocks\.\d+\.[a-z_.]+)$/, 'a hook point such as blocks.2.hook_resid_pre')
export const HookPoint = z.object({
  name: HookName,
  layer: z.int().nullable(),
  width: z.int(),
})
export type HookPoint = z.infer<typeof HookPoint>

export const Family = z.enum(['llama', 'gpt2', 'gpt-neox'])
export type Family = z.infer<typeof Family>

export const Model = z.object({
  id: ModelId,
  ...thing,
  /** The Hugging Face folder the weights are read from, in place. */
  folder: z.string(),
  family: Family,
  dModel: z.int(),
  layers: z.int(),
  heads: z.int(),
  vocabSize: z.int(),
  contextSize: z.int(),
  parallelResidual: z.boolean(),
  parameters: z.int(),
  weightBytes: z.int(),
  weightDtype: z.string(),
  hookPoints: z.array(HookPoint),
  /** The id put before every context when asked for; null when the tokenizer has none. 0 is a valid id. */
  bosId: z.int().nullable(),
  /** Whether contexts begin with it unless told otherwise. */
  prependBos: z.boolean(),
  hasTokenizer: z.boolean(),
})
export type Model = z.infer<typeof Model>

export const models = {
  list: call(z.object({}), z.array(Model)),
  get: call(z.object({ id: ModelId }), Model),
  /** Reads and checks a local folder; nothing is copied. */
  add: call(z.object({ folder: z.string(), name: z.string().optional() }), Model),
  /** A hub id ("org/name", "org/name@revision"): a download job that adds the model when it is done. */
  download: call(
    z.object({ hubId: z.string(), name: z.string().optional() }),
    z.object({ job: JobId, id: ModelId }),
  ),
}
