import { z } from 'zod'
import { contextOptions } from './corpus.ts'
import { HookName } from './hook-name.ts'
import { CorpusId, JobId, ModelId } from './ids.ts'
import { call } from './rpc.ts'
import { thing } from './thing.ts'

export { HookName }

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
  /** Activations of the residual stream come without their mean over the width, as TransformerLens gives them. */
  centerWritingWeights: z.boolean().default(false),
  /** The id put before every context when asked for; null when the tokenizer has none. 0 is a valid id. */
  bosId: z.int().nullable(),
  /** Whether contexts begin with it unless told otherwise. */
  prependBos: z.boolean(),
  hasTokenizer: z.boolean(),
})
export type Model = z.infer<typeof Model>

/** Where a language model runs; "auto": on the GPU where there is one that is worth it, else on the CPU. */
export const ModelDevice = z.enum(['auto', 'cpu', 'webgpu'])
export type ModelDevice = z.infer<typeof ModelDevice>

export const PerplexityRequest = z.object({
  id: ModelId,
  corpusId: CorpusId,
  /** How many are wanted, rounded up to whole rows; fewer where the corpus has fewer. */
  tokens: z.int().min(2).default(16_384),
  ...contextOptions,
  device: ModelDevice.default('auto'),
})
/** The result of a job of kind "perplexity". */
export const Perplexity = z.object({
  /** Mean over all predictions, in nats. */
  loss: z.number(),
  /** e^loss */
  perplexity: z.number(),
  /** Every position of a row but its first. */
  predictions: z.int(),
  tokens: z.int(),
  contextSize: z.int(),
  prependBos: z.boolean(),
  /** Where the model ran, and why not elsewhere. */
  ranOn: z.enum(['cpu', 'webgpu']),
  reason: z.string().nullable(),
})
export type Perplexity = z.infer<typeof Perplexity>

/** What adding a model from the hub would download. */
export const DownloadPlan = z.object({
  repo: z.string(),
  revision: z.string(),
  /** As in its config.json: "gpt2", "llama", … */
  modelType: z.string(),
  /** `hereBytes` of `bytes` are in the cache already, also where a download was broken off. */
  files: z.array(z.object({ name: z.string(), bytes: z.number(), hereBytes: z.number() })),
  /** On the disk of the cache. */
  freeBytes: z.number(),
  /** False where the hub cannot be reached and the cache has all it takes. */
  hubReached: z.boolean(),
})
export type DownloadPlan = z.infer<typeof DownloadPlan>

const addOptions = {
  name: z.string().min(1).optional(),
  /** Only for models whose every reader of the residual stream subtracts its mean. */
  centerWritingWeights: z.boolean().default(false),
}
export const models = {
  list: call(z.object({}), z.array(Model)),
  get: call(z.object({ id: ModelId }), Model),
  /** Reads and checks a local folder; nothing is copied. */
  add: call(z.object({ folder: z.string().min(1), ...addOptions }), Model),
  /** What `download` would fetch; nothing is written. @throws as `download`'s job would */
  planDownload: call(z.object({ hubId: z.string() }), DownloadPlan),
  /** A hub id ("org/name", "org/name@revision"): a download job that adds the model when it is done. */
  download: call(z.object({ hubId: z.string(), ...addOptions }), z.object({ job: JobId, id: ModelId })),
  /** Next-token loss over a corpus. */
  perplexity: call(PerplexityRequest, z.object({ job: JobId })),
  /** The text of every token, by id; a leading space is a space. Empty where the model has no tokenizer. */
  vocabulary: call(z.object({ id: ModelId }), z.array(z.string())),
  /** The hook point that a name means in this model, in whichever spelling. */
  hookPoint: call(z.object({ id: ModelId, name: z.string() }), HookPoint),
}
