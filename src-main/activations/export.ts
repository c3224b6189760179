import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { ActivationSetId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { problem } from '#contract/problem.ts'
import { writeSafetensors } from '../store/safetensors.ts'
import type { Workspace } from '../store/workspace.ts'
import { bytesPerToken } from './layout.ts'
import { openActivations, type ActivationReader } from './reader.ts'
import { checkRoom } from './room-on-disk.ts'

const ExportParams = z.object({ id: ActivationSetId, to: z.string() })
export type ExportParams = z.infer<typeof ExportParams>

/** @throws Problem when the set is not there, or the file cannot or should not be written */
export function prepareExport(
  workspace: Workspace,
  request: { id: ActivationSetId; to: string; overwrite: boolean },
): ExportParams {
  const { dIn, dtype, hasTokens, tokens } = workspace.activationSets.get(request.id)
  openActivations(workspace, request.id).close()
  const to = resolve(request.to)
  const folder = dirname(to)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw problem('not-found', folder, 'there is no such folder', 'Make it first.')
  const there = statSync(to, { throwIfNoEntry: false })
  if (there?.isDirectory()) throw problem('bad-input', to, 'it is a folder', 'Name a file in it.')
  if (there && !request.overwrite)
    throw problem('conflict', to, 'it exists already', 'Choose another name, or overwrite it.')
  checkRoom(folder, tokens * bytesPerToken(dIn, dtype, hasTokens))
  return { id: request.id, to }
}

function* activationBytes(reader: ActivationReader, control: JobControl): Generator<Uint8Array> {
  const { set, cache, chunks } = reader
  for (let chunk = 0; chunk < chunks; chunk++) {
    yield cache.activations(chunk)
    control.report(
      'exporting',
      Math.min(set.tokens, (chunk + 1) * cache.header.tokensPerChunk),
      set.tokens,
      'tokens',
    )
    control.checkpoint()
  }
}

function* idBytes({ cache, chunks }: ActivationReader): Generator<Uint8Array> {
  for (let chunk = 0; chunk < chunks; chunk++) yield cache.ids(chunk)
}

/**
 * The job of kind "export-activations": a safetensors file with `activations` [T, d] as they are stored and, where
 * there are any, `ids` [rows, context] int32. The file is there whole or not at all; a stopped export starts again.
 */
export async function exportJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const { id, to } = ExportParams.parse(params)
  const reader = openActivations(workspace, id)
  try {
    const { tokens, dIn, rows, contextSize, dtype, hasTokens, hookName, modelId, prependBos } = reader.set
    const activations = {
      dtype: dtype === 'f16' ? ('F16' as const) : ('F32' as const),
      shape: [tokens, dIn],
      pieces: activationBytes(reader, control),
    }
    const ids = { dtype: 'I32' as const, shape: [rows, contextSize], pieces: idBytes(reader) }
    writeSafetensors(to, hasTokens ? { activations, ids } : { activations }, {
      hook_name: hookName,
      context_size: String(contextSize),
      prepend_bos: String(prependBos),
      model_name: modelId === null ? '' : (workspace.models.find(modelId)?.name ?? ''),
    })
    return { id, file: to, bytes: statSync(to).size, tokens }
  } finally {
    reader.close()
  }
}
