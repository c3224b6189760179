import { z } from 'zod'
import { CorpusId, ModelId } from './ids.ts'
import { call } from './rpc.ts'
import { thing } from './thing.ts'

export const CorpusFormat = z.enum(['text', 'jsonl', 'parquet', 'tokens'])
export type CorpusFormat = z.infer<typeof CorpusFormat>
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

/**
 * packed: documents are written one after the other and the run is cut into rows; where a row begins with BOS,
 * BOS also stands between documents (as in SAELens). document: each row is the beginning of one document, and
 * documents shorter than a row are left out.
 */
export const Packing = z.enum(['packed', 'document'])
export type Packing = z.infer<typeof Packing>

/** How documents become rows of tokens. */
export const contextOptions = {
  /** Tokens in a row, BOS included; by default 128, or what the model or the fixed rows have. */
  contextSize: z.int().min(2).optional(),
  /** Whether rows begin with BOS; by default as the model says. */
  prependBos: z.boolean().optional(),
  packing: Packing.default('packed'),
  shuffle: z.boolean().default(false),
  seed: z.int().default(0),
}

export const TokenPreview = z.object({
  ids: z.array(z.int()),
  /** Each token as text; a leading space is a space. */
  tokens: z.array(z.string()),
})
export type TokenPreview = z.infer<typeof TokenPreview>

export const corpora = {
  list: call(z.object({}), z.array(Corpus)),
  get: call(z.object({ id: CorpusId }), Corpus),
  /** Text, JSONL or Parquet files, by their endings unless said; `field` is needed where there is a choice. */
  add: call(
    z.object({
      files: z.array(z.string()).min(1),
      name: z.string().min(1).optional(),
      field: z.string().optional(),
      format: z.enum(['text', 'jsonl', 'parquet']).optional(),
    }),
    Corpus,
  ),
  /** Rows of token ids made elsewhere: an integer tensor [rows, context] in a safetensors file. */
  addTokens: call(
    z.object({ file: z.string(), tensor: z.string(), name: z.string().min(1).optional() }),
    Corpus,
  ),
  /** The first contexts as a model would see them. */
  preview: call(
    z.object({
      id: CorpusId,
      modelId: ModelId,
      ...contextOptions,
      rows: z.int().min(1).max(20).default(3),
    }),
    z.array(TokenPreview),
  ),
}
