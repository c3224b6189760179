import { z } from 'zod'
import { CorpusId, ModelId } from './ids.ts'
import { call } from './rpc.ts'
import { thing } from './thing.ts'

export const CorpusFormat = z.enum(['text', 'jsonl', 'parquet', 'tokens'])
export const Corpus = z.object({
  id: CorpusId,
  ...thing,
  format: CorpusFormat,
  files: z.array(z.object({ path: z.string(), bytes: z.int() })),
  /** The field (jsonl, parquet) or the tensor (tokens) that is read. */
  field: z.string().nullable(),
  bytes: z.int(),
  /** For format "tokens": the fixed rows. */
  rows: z.int().nullable(),
  contextSize: z.int().nullable(),
})
export type Corpus = z.infer<typeof Corpus>

export const TokenPreview = z.object({
  ids: z.array(z.int()),
  /** Each token as text; a leading space is a space. */
  tokens: z.array(z.string()),
})

export const corpora = {
  list: call(z.object({}), z.array(Corpus)),
  get: call(z.object({ id: CorpusId }), Corpus),
  /** Text, JSONL or Parquet files, by their endings; `field` is needed where there is a choice. */
  add: call(
    z.object({
      files: z.array(z.string()).min(1),
      name: z.string().optional(),
      field: z.string().optional(),
    }),
    Corpus,
  ),
  /** Rows of token ids made elsewhere: an integer tensor [rows, context] in a safetensors file. */
  addTokens: call(z.object({ file: z.string(), tensor: z.string(), name: z.string().optional() }), Corpus),
  /** The first contexts as a model would see them. */
  preview: call(
    z.object({
      id: CorpusId,
      modelId: ModelId,
      contextSize: z.int().min(2),
      prependBos: z.boolean().optional(),
      rows: z.int().min(1).max(20).default(3),
    }),
    z.array(TokenPreview),
  ),
}
