import { z } from 'zod'
import { ActivationSetId, CorpusId, JobId, ModelId } from './ids.ts'
import { HookName } from './model.ts'
import { call } from './rpc.ts'
import { thing } from './thing.ts'

export const ActivationDtype = z.enum(['f32', 'f16'])
export const ActivationSet = z.object({
  id: ActivationSetId,
  ...thing,
  modelId: ModelId.nullable(),
  corpusId: CorpusId.nullable(),
  hookName: HookName,
  dIn: z.int(),
  dtype: ActivationDtype,
  /** Tokens per row; position 0 of every row is the first. */
  contextSize: z.int(),
  rows: z.int(),
  tokens: z.int(),
  prependBos: z.boolean(),
  /** False where activations came without token ids. */
  hasTokens: z.boolean(),
  bytes: z.int(),
  /** False while a harvest has not finished. */
  complete: z.boolean(),
})
export type ActivationSet = z.infer<typeof ActivationSet>

export const HarvestRequest = z.object({
  modelId: ModelId,
  corpusId: CorpusId,
  /** One activation set is made per hook, all in one pass. */
  hookNames: z.array(HookName).min(1),
  tokens: z.int().min(1),
  contextSize: z.int().min(2).default(128),
  dtype: ActivationDtype.default('f32'),
  prependBos: z.boolean().optional(),
  seed: z.int().default(0),
  shuffle: z.boolean().default(false),
  name: z.string().optional(),
})
export type HarvestRequest = z.input<typeof HarvestRequest>

export const activations = {
  list: call(z.object({}), z.array(ActivationSet)),
  get: call(z.object({ id: ActivationSetId }), ActivationSet),
  harvest: call(HarvestRequest, z.object({ job: JobId, ids: z.array(ActivationSetId) })),
  /** Size on disk of what a harvest would make, and the room there is. */
  estimate: call(HarvestRequest, z.object({ bytes: z.number(), freeBytes: z.number() })),
  importFile: call(
    z.object({
      file: z.string(),
      /** Tensor of rows [T, d]; may be left out for .npy. */
      tensor: z.string().optional(),
      /** Integer tensor of T token ids (or rows × context) in the same file. */
      idsTensor: z.string().optional(),
      modelId: ModelId.optional(),
      hookName: HookName,
      contextSize: z.int().min(1).optional(),
      dtype: ActivationDtype.default('f32'),
      name: z.string().optional(),
    }),
    z.object({ job: JobId, id: ActivationSetId }),
  ),
  exportFile: call(
    z.object({ id: ActivationSetId, to: z.string() }),
    z.object({ file: z.string(), bytes: z.int(), tokens: z.int() }),
  ),
}
