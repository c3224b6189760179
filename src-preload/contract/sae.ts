import { z } from 'zod'
import { ActivationSetId, JobId, ModelId, RunId, SaeId } from './ids.ts'
import { HookName } from './model.ts'
import { Problem } from './problem.ts'
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
  /** What the loader or its check after import found odd, a sentence each. */
  warnings: z.array(z.string()).optional(),
  metrics: SaeMetrics.nullable(),
  /** False while its training has not finished. */
  complete: z.boolean(),
})
export type Sae = z.infer<typeof Sae>

export const TensorFact = z.object({ name: z.string(), dtype: z.string(), shape: z.array(z.int()) })

/** An SAE found in files, as it would be imported: nothing has been read but headers and configurations. */
export const FoundSae = z.object({
  /** What to give `importFolder`. */
  path: z.string(),
  name: z.string(),
  format: SaeFormatName,
  architecture: Architecture,
  dIn: z.int(),
  dSae: z.int(),
  tensors: z.array(TensorFact),
  /** Each can be set by its `about`, but for the format and the workspace's model, which importFolder is told. */
  assumptions: z.array(Assumption),
  warnings: z.array(z.string()),
  /** The model of this workspace that it seems to belong to. */
  modelId: ModelId.nullable(),
})
export type FoundSae = z.infer<typeof FoundSae>

export const SaeFindings = z.object({
  found: z.array(FoundSae),
  /** What looks like an SAE and cannot be imported. */
  broken: z.array(z.object({ path: z.string(), problem: Problem })),
  /** Files on the hub that may be SAEs and can be looked into only after download (.pt, .npz). */
  unread: z.array(z.object({ path: z.string(), bytes: z.number() })),
  /** True when there was more to look at than was looked at. */
  more: z.boolean(),
})
export type SaeFindings = z.infer<typeof SaeFindings>

/** Assumptions that a person sets, by `about`. */
const Overrides = z.record(z.string(), z.string()).default({})

/** What an SAE can be written as. */
export const SaeExportFormat = z.enum([
  'saelens', // cfg.json + sae_weights.safetensors, version 6
  'dictionary-learning', // config.json + ae.safetensors, the tensors of its classes
  'decoder-safetensors', // W_dec [d_sae, d_in] alone
  'decoder-npz',
  'neuronpedia-vectors', // JSON, one vector a feature
  'neuronpedia-pages', // features, activations and labels as gzipped JSONL; needs a feature index
])
export type SaeExportFormat = z.infer<typeof SaeExportFormat>
/** The same SAE in other numbers: codes in units of the activation; b_dec no longer needed for encoding. */
export const Folding = z.enum(['decoder-norm', 'b-dec'])
export type Folding = z.infer<typeof Folding>

/** A release of the published SAELens catalogue: the address of each of its SAEs on the hub. */
export const CatalogueRelease = z.object({
  release: z.string(),
  repo: z.string(),
  model: z.string(),
  /** `set` is what the catalogue knows and the files do not say, for `importFolder`. */
  saes: z.array(z.object({ id: z.string(), path: z.string(), set: z.record(z.string(), z.string()) })),
})
export type CatalogueRelease = z.infer<typeof CatalogueRelease>

export const saes = {
  list: call(z.object({}), z.array(Sae)),
  get: call(z.object({ id: SaeId }), Sae),
  /** The SAEs in a file, a folder, or a repository on the hub ("org/name", "org/name/sub/folder"). */
  inspect: call(
    z.object({ path: z.string(), format: SaeFormatName.optional(), set: Overrides }),
    SaeFindings,
  ),
  /** Copies one SAE into the workspace, then checks it on matching activations where there are some. */
  importFolder: call(
    z.object({
      path: z.string(),
      name: z.string().optional(),
      modelId: ModelId.optional(),
      format: SaeFormatName.optional(),
      set: Overrides,
    }),
    z.object({ job: JobId, id: SaeId }),
  ),
  exportFolder: call(
    z.object({
      id: SaeId,
      to: z.string(),
      format: SaeExportFormat.default('saelens'),
      fold: z.array(Folding).default([]),
    }),
    z.object({ folder: z.string(), files: z.array(z.string()) }),
  ),
  /** The published SAELens catalogue. @throws not-available where it cannot be fetched. */
  catalogue: call(z.object({}), z.array(CatalogueRelease)),
}
