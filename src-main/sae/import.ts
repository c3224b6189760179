import { statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { z } from 'zod'
import { HookName } from '#contract/hook-name.ts'
import { ModelId, SaeId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { problem } from '#contract/problem.ts'
import { SaeFormatName, type FoundSae, type Sae, type SaeFindings } from '#contract/sae.ts'
import { version } from '../places.ts'
import type { TensorFile } from '../store/tensor-file.ts'
import type { Workspace } from '../store/workspace.ts'
import { canonicalWeights } from './formats/canonical.ts'
import { assumptionsOf, withOverrides, type Claims } from './formats/claims.ts'
import type { Found } from './formats/found.ts'
import { findSaes, saeInFile, saeInFolder, type Findings } from './formats/index.ts'
import type { SaelensMetadata } from './formats/saelens-writer.ts'
import { folderFiles } from './formats/source.ts'
import { loadSae, saveSae } from './load.ts'
import { matchModel } from './model-match.ts'
import type { SaeWeights } from './weights.ts'

export const ImportParams = z.object({
  id: SaeId,
  path: z.string(),
  name: z.string().optional(),
  modelId: ModelId.optional(),
  format: SaeFormatName.optional(),
  set: z.record(z.string(), z.string()).default({}),
})
export type ImportParams = z.infer<typeof ImportParams>
type Request = Pick<ImportParams, 'path' | 'format' | 'set' | 'modelId'>

/** The SAEs at a path on this machine: a file, a folder that is one, or a folder with some in it. */
function findAt(path: string, format?: SaeFormatName): Findings {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) throw problem('not-found', path, 'there is no such file or folder', 'Check the path.')
  if (stat.isFile())
    return { found: [saeInFile(folderFiles(dirname(path)), basename(path), format)], broken: [], more: false }
  const files = folderFiles(path)
  const itself = saeInFolder(files, '', format)
  return itself ? { found: [itself], broken: [], more: false } : findSaes(files, format)
}

/** The one SAE at a path. @throws Problem naming those there are, or what is wrong with the only one. */
function findOne(path: string, format?: SaeFormatName): Found {
  const { found, broken } = findAt(path, format)
  if (found.length === 1) return found[0]
  if (found.length > 1) {
    const some = found.slice(0, 8).map((each) => each.path)
    throw problem(
      'bad-input',
      path,
      `it holds ${found.length} SAEs`,
      `Choose one of them: ${some.join(', ')}${found.length > 8 ? ', …' : ''}.`,
    )
  }
  if (broken.length > 0) {
    const { problem: first } = broken[0]
    throw problem(first.code, first.subject, first.message, first.next)
  }
  throw problem(
    'not-found',
    path,
    `no SAE${format ? ` of the format ${format}` : ''} was found here`,
    'Choose its folder or file.',
  )
}

const hookNameOf = (claims: Claims): string | null => {
  const parsed = HookName.safeParse(claims.hook.value)
  return parsed.success ? parsed.data : null
}

interface Decided extends Found {
  modelId: ModelId | null
  assumptions: Sae['assumptions']
}

/** A found SAE with a person's changes, and the model it belongs to. */
function decide(
  workspace: Workspace,
  found: Found,
  { set, modelId }: Pick<Request, 'set' | 'modelId'>,
): Decided {
  const claims = withOverrides(found.claims, set)
  const centred = claims.centring.value === 'activations centred'
  const about = { name: claims.model.value, hookName: hookNameOf(claims), dIn: found.dIn, centred }
  const match = modelId
    ? { model: workspace.models.get(modelId), from: 'you' as const }
    : matchModel(workspace.models.list(), about)
  const assumptions: Sae['assumptions'] = [
    { about: 'format', value: found.format, from: 'file' },
    ...assumptionsOf(claims),
    {
      about: 'workspace model',
      value: match ? `${match.model.name} (${match.model.id})` : 'none',
      from: match?.from ?? 'default',
    },
  ]
  const warnings = [...found.warnings]
  if (match && centred && !match.model.centerWritingWeights)
    warnings.push(
      `It was trained on activations without their mean over d, and those of "${match.model.name}" have it: add the model again with --center-writing-weights, or import with --set "centring=folded into the encoder".`,
    )
  return { ...found, claims, warnings, modelId: match?.model.id ?? null, assumptions }
}

const nameOf = ({ path }: Found): string => basename(path).replace(/\.(pth?|npz|safetensors)$/, '')

function described(workspace: Workspace, found: Found, request: Request): FoundSae {
  const { claims, modelId, assumptions, warnings } = decide(workspace, found, request)
  const files = new Map<string, TensorFile>()
  for (const values of Object.values(found.slots))
    if ('file' in values) files.set(values.file.file, values.file)
  const { path, format, dIn, dSae } = found
  return {
    path,
    name: nameOf(found),
    format,
    architecture: claims.architecture.value,
    dIn,
    dSae,
    tensors: [...files.values()].flatMap(({ tensors }) =>
      [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape: [...shape] })),
    ),
    assumptions,
    warnings,
    modelId,
  }
}

/** What is at a path and how it would be imported; reads headers and configurations only. */
export function inspectSaes(workspace: Workspace, request: Request): SaeFindings {
  const path = resolve(request.path)
  const { found, broken, more } = findAt(path, request.format)
  return { found: found.map((each) => described(workspace, each, request)), broken, unread: [], more }
}

/** What cfg.json is to say of the model side, after a person's changes. */
function metadataOf({ claims, metadata }: Found): SaelensMetadata {
  const { bos, context, hook, model, centring } = claims
  const kwargs = metadata['model_from_pretrained_kwargs']
  return {
    ...metadata,
    hook_name: hook.value,
    model_name: model.value,
    ...(bos.value !== null && { prepend_bos: bos.value === 'prepended' }),
    ...(context.value !== null && { context_size: context.value }),
    ...(centring.value === 'activations centred' && {
      model_from_pretrained_kwargs: { ...(kwargs as object | undefined), center_writing_weights: true },
    }),
  }
}

/** Copies an SAE into the workspace. The row is put last, so that a killed import leaves nothing that is listed. */
export function importSae(
  workspace: Workspace,
  params: ImportParams,
  control: JobControl,
): { sae: Sae; weights: SaeWeights } {
  if (workspace.saes.find(params.id)) return loadSae(workspace, params.id)
  const path = resolve(params.path)
  const found = decide(workspace, findOne(path, params.format), params)
  control.report('Reading tensors', 0, found.dSae, 'features')
  const weights = canonicalWeights(found)
  control.report('Writing', found.dSae, found.dSae, 'features')
  control.checkpoint()
  const { claims, modelId, assumptions, warnings, dIn, dSae } = found
  const sae: Sae = {
    id: params.id,
    name: params.name ?? nameOf(found),
    createdAt: new Date().toISOString(),
    provenance: {
      madeBy: 'saes import',
      from: modelId ? [modelId] : [],
      parameters: { path, format: found.format, set: params.set },
      version,
    },
    architecture: weights.architecture,
    dIn,
    dSae,
    k: weights.k === undefined ? null : Math.round(weights.k),
    hookName: hookNameOf(claims),
    modelId,
    modelName: claims.model.value,
    activationSetId: null,
    runId: null,
    assumptions,
    warnings,
    metrics: null,
    complete: true,
  }
  return { sae: saveSae(workspace, sae, weights, metadataOf(found)), weights }
}

/** Checks that a path holds one SAE that can be imported so, before a job is made of it. */
export function checkImport(workspace: Workspace, request: Request): FoundSae {
  return described(workspace, findOne(resolve(request.path), request.format), request)
}
