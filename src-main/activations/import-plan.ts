import { resolve } from 'node:path'
import { z } from 'zod'
import { ActivationDtype, type ActivationSet, type activations } from '#contract/activation-set.ts'
import { ActivationSetId } from '#contract/ids.ts'
import type { Model } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'
import { resolveHook } from '../language-model/hook-names.ts'
import { version } from '../places.ts'
import { sizeOf } from '../store/tensor-file.ts'
import type { Workspace } from '../store/workspace.ts'
import { openForeignActivations, openForeignIds, type ForeignTensor } from './foreign-file.ts'
import { bytesPerToken, fileBytes, tokensPerChunk } from './layout.ts'
import { checkRoom } from './room-on-disk.ts'

type Request = z.output<typeof activations.importFile.input>

/** Everything that decides what an import makes; the parameters of its job. */
export const ImportPlan = z.object({
  id: ActivationSetId,
  file: z.string(),
  tensor: z.string().optional(),
  /** Where the token ids are; null where there are none. */
  ids: z.object({ file: z.string(), tensor: z.string().optional() }).nullable(),
  tokens: z.int().min(1),
  dIn: z.int().min(1),
  contextSize: z.int().min(1),
  dtype: ActivationDtype,
  tokensPerChunk: z.int().min(1),
  /** Ids are below this; null where the model is not known. */
  vocabSize: z.int().nullable(),
})
export type ImportPlan = z.infer<typeof ImportPlan>

/** Tokens, width and, where a third dimension says so, the context. */
function sizesOf({ subject, shape }: ForeignTensor<Float32Array>): {
  tokens: number
  dIn: number
  contextSize: number | null
} {
  if ((shape.length !== 2 && shape.length !== 3) || sizeOf(shape) === 0)
    throw problem(
      'bad-file',
      subject,
      `it has shape [${shape.join(', ')}], [T, d] or [rows, context, d] are expected`,
      'Write one row per token.',
    )
  const dIn = shape[shape.length - 1]
  return { tokens: sizeOf(shape) / dIn, dIn, contextSize: shape.length === 3 ? shape[1] : null }
}

function checkIdsShape({ subject, shape }: ForeignTensor<Int32Array>, tokens: number): number | null {
  if ((shape.length !== 1 && shape.length !== 2) || sizeOf(shape) !== tokens)
    throw problem(
      'mismatch',
      subject,
      `it has shape [${shape.join(', ')}], one id for each of the ${tokens} tokens is expected`,
    )
  return shape.length === 2 ? shape[1] : null
}

/** The context that was asked for and those that shapes tell must be one. Nobody says: all tokens are one row. */
function oneContext(subject: string, tokens: number, told: readonly (number | null | undefined)[]): number {
  const sizes = [...new Set(told.filter((size) => size !== null && size !== undefined))]
  if (sizes.length > 1)
    throw problem(
      'mismatch',
      subject,
      `its rows are said to have ${sizes.join(' and ')} tokens`,
      'Say the same context everywhere.',
    )
  const size = sizes[0] ?? tokens
  if (tokens % size !== 0)
    throw problem(
      'mismatch',
      subject,
      `its ${tokens} tokens do not make whole rows of ${size}`,
      'Say another context.',
    )
  return size
}

/** @throws Problem when the model has no such hook point, or one of another width */
function hookNameIn(model: Model | null, hookName: string, dIn: number, subject: string): string {
  if (!model) return hookName
  const hook = resolveHook(hookName, model)
  if (hook.width !== dIn)
    throw problem(
      'mismatch',
      subject,
      `its activations have ${dIn} values, ${hook.name} of "${model.name}" has ${hook.width}`,
      'Choose the hook point and the model they were taken from.',
    )
  return hook.name
}

function idsOf(request: Request, file: string): ImportPlan['ids'] {
  if (request.idsFile !== undefined) return { file: resolve(request.idsFile), tensor: request.idsTensor }
  return request.idsTensor === undefined ? null : { file, tensor: request.idsTensor }
}

/**
 * Reads headers, checks what can be checked without the values, and puts the set, not yet complete, into the workspace.
 * @throws Problem for shapes that do not fit together, before anything is made
 */
export function prepareImport(workspace: Workspace, request: Request): ImportPlan {
  const file = resolve(request.file)
  const model = request.modelId === undefined ? null : workspace.models.get(request.modelId)
  const tensor = openForeignActivations(file, request.tensor)
  const { tokens, dIn, contextSize: shaped } = sizesOf(tensor)
  const ids = idsOf(request, file)
  const idsContext = ids && checkIdsShape(openForeignIds(ids.file, ids.tensor), tokens)
  const contextSize = oneContext(tensor.subject, tokens, [request.contextSize, shaped, idsContext])
  const hookName = hookNameIn(model, request.hookName, dIn, tensor.subject)
  const bytes = fileBytes(tokens, bytesPerToken(dIn, request.dtype, ids !== null))
  checkRoom(workspace.folder, bytes)
  const plan: ImportPlan = {
    id: workspace.activationSets.newId(),
    file,
    tensor: request.tensor,
    ids,
    tokens,
    dIn,
    contextSize,
    dtype: request.dtype,
    tokensPerChunk: tokensPerChunk(dIn, request.dtype),
    vocabSize: model?.vocabSize ?? null,
  }
  workspace.activationSets.put(emptySet(request, plan, hookName, bytes))
  return plan
}

function emptySet(request: Request, plan: ImportPlan, hookName: string, bytes: number): ActivationSet {
  return {
    id: plan.id,
    name: request.name ?? plan.file.replace(/^.*[\\/]|\.[^.]*$/g, ''),
    createdAt: new Date().toISOString(),
    provenance: {
      madeBy: 'activations import',
      from: request.modelId === undefined ? [] : [request.modelId],
      parameters: { ...request },
      version,
    },
    modelId: request.modelId ?? null,
    corpusId: null,
    hookName,
    dIn: plan.dIn,
    dtype: plan.dtype,
    contextSize: plan.contextSize,
    rows: 0,
    tokens: 0,
    prependBos: false,
    hasTokens: plan.ids !== null,
    bytes,
    complete: false,
  }
}
