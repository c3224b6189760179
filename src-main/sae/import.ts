import { rmSync, statSync } from 'node:fs'
import { basename, dirname, posix, resolve } from 'node:path'
import { z } from 'zod'
import { HookName } from '#contract/hook-name.ts'
import { ModelId, SaeId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { problem, ProblemError } from '#contract/problem.ts'
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
import { downloadSae, findOnHub, hubAddressOf } from './hub-import.ts'
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

/** The one SAE of what was found at a path. @throws Problem naming those there are, or what is wrong with the only one. */
function onlyOne({ found, broken }: Findings, path: string, format?: SaeFormatName): Found {
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
  if (broken.length > 0) throw new ProblemError(broken[0].problem)
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

/** What is at a path or an address and how it would be imported; reads headers and configurations only. */
export async function inspectSaes(workspace: Workspace, request: Request): Promise<SaeFindings> {
  const address = hubAddressOf(request.path)
  const { found, broken, more, unread } = address
    ? await findOnHub(address, request.format)
    : { ...findAt(resolve(request.path), request.format), unread: [] }
  return { found: found.map((each) => described(workspace, each, request)), broken, more, unread }
}

/**
 * Checks that a path or an address holds one SAE that can be imported so, before a job is made of it, and returns what
 * to call it. What cannot be looked into before it is downloaded is checked then.
 */
export async function checkImport(
  workspace: Workspace,
  request: Request,
): Promise<{ path: string; name: string }> {
  const address = hubAddressOf(request.path)
  if (!address)
    return described(
      workspace,
      onlyOne(findAt(resolve(request.path), request.format), request.path, request.format),
      request,
    )
  const findings = await findOnHub(address, request.format)
  if (findings.found.length === 0 && findings.unread.length === 1) {
    const [{ path }] = findings.unread
    return { path: request.path, name: posix.basename(path) }
  }
  return described(workspace, onlyOne(findings, request.path, request.format), request)
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

const downloadFolder = (workspace: Workspace, id: Sae['id']): string => `${workspace.saeFolder(id)}.download`

/** Copies an SAE into the workspace. The row is put last, so that a killed import leaves nothing that is listed. */
export async function importSae(
  workspace: Workspace,
  params: ImportParams,
  control: JobControl,
): Promise<{ sae: Sae; weights: SaeWeights }> {
  if (workspace.saes.find(params.id)) return loadSae(workspace, params.id)
  const address = hubAddressOf(params.path)
  const download = downloadFolder(workspace, params.id)
  const path = address ? await downloadSae(address, download, control) : resolve(params.path)
  const found = decide(workspace, onlyOne(findAt(path, params.format), path, params.format), params)
  control.report('Reading tensors', 0, found.dSae, 'features')
  const weights = canonicalWeights(found)
  control.report('Writing', found.dSae, found.dSae, 'features')
  control.checkpoint()
  const sae = saveSae(workspace, saeOf(params, found, weights), weights, metadataOf(found))
  rmSync(download, { recursive: true, force: true })
  return { sae, weights }
}

function saeOf(params: ImportParams, found: Decided, weights: SaeWeights): Sae {
  const { claims, modelId, assumptions, warnings, dIn, dSae, format } = found
  return {
    id: params.id,
    name: params.name ?? nameOf(found),
    createdAt: new Date().toISOString(),
    provenance: {
      madeBy: 'saes import',
      from: modelId ? [modelId] : [],
      parameters: { path: params.path, format, set: params.set },
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
}

/** Removes what an import has made: the SAE, its folder, and what was downloaded for it. */
export function discardImport(workspace: Workspace, { id }: ImportParams): void {
  workspace.saes.remove(id)
  for (const folder of [workspace.saeFolder(id), downloadFolder(workspace, id)])
    rmSync(folder, { recursive: true, force: true })
}
