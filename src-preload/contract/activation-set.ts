import { z } from 'zod'
import { contextOptions } from './corpus.ts'
import { ActivationSetId, CorpusId, JobId, ModelId } from './ids.ts'
import { HookName } from './hook-name.ts'
import { ModelDevice } from './model.ts'
import { call } from './rpc.ts'
import { thing } from './thing.ts'

export const ActivationDtype = z.enum(['f32', 'f16'])
export type ActivationDtype = z.infer<typeof ActivationDtype>
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
  /** 0 until it is complete, as is `tokens` = rows · contextSize. */
  rows: z.int(),
  tokens: z.int(),
  prependBos: z.boolean(),
  /** False where activations came without token ids. */
  hasTokens: z.boolean(),
  /** Of its file; before it is complete, what it is expected to take. */
  bytes: z.int(),
  /** False while its job has not finished. */
  complete: z.boolean(),
})
export type ActivationSet = z.infer<typeof ActivationSet>

export const HarvestRequest = z.object({
  modelId: ModelId,
  corpusId: CorpusId,
  /** In any spelling. One activation set is made per hook point, all in one pass. */
  hookNames: z.array(z.string()).min(1),
  /** How many are wanted, rounded up to whole rows; fewer are made where the corpus has fewer. */
  tokens: z.int().min(1),
  ...contextOptions,
  dtype: ActivationDtype.default('f32'),
  /** Where the model runs. */
  device: ModelDevice.default('auto'),
  name: z.string().min(1).optional(),
})
export type HarvestRequest = z.input<typeof HarvestRequest>

export const activations = {
  list: call(z.object({}), z.array(ActivationSet)),
  get: call(z.object({ id: ActivationSetId }), ActivationSet),
  harvest: call(HarvestRequest, z.object({ job: JobId, ids: z.array(ActivationSetId) })),
  /** Size on disk of what a harvest would make, and the room there is. */
  estimate: call(HarvestRequest, z.object({ bytes: z.number(), freeBytes: z.number() })),
  /** Activations made elsewhere, from a safetensors or .npy file. */
  importFile: call(
    z.object({
      file: z.string(),
      /** Tensor of rows [T, d] or [rows, context, d]; may be left out where the file has only one such. */
      tensor: z.string().optional(),
      /** The token ids, integers [T] or [rows, context]: a tensor of the same file … */
      idsTensor: z.string().optional(),
      /** … or a .npy file of their own. */
      idsFile: z.string().optional(),
      modelId: ModelId.optional(),
      hookName: HookName,
      /** Tokens per row where the shapes do not say; without it, all tokens are one row. */
      contextSize: z.int().min(1).optional(),
      dtype: ActivationDtype.default('f32'),
      name: z.string().min(1).optional(),
    }),
    z.object({ job: JobId, id: ActivationSetId }),
  ),
  /** To a safetensors file: `activations` [T, d] and, where there are any, `ids` [rows, context]. */
  exportFile: call(
    z.object({ id: ActivationSetId, to: z.string(), overwrite: z.boolean().default(false) }),
    z.object({ job: JobId }),
  ),
  /** Reads the whole file and compares every chunk with its checksum. @throws Problem naming the first that differs. */
  verify: call(z.object({ id: ActivationSetId }), z.object({ chunks: z.int(), bytes: z.number() })),
}
