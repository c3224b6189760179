import { statSync } from 'node:fs'
import type { JobControl } from '#contract/job.ts'
import { problem, ProblemError } from '#contract/problem.ts'
import { removeThing } from '../store/removal.ts'
import type { Workspace } from '../store/workspace.ts'
import { openToAppend, type ActivationCache } from './cache.ts'
import { openForeignActivations, openForeignIds } from './foreign-file.ts'
import { ImportPlan } from './import-plan.ts'
import { encodeValues } from './stored-values.ts'

/** The same values in runs of `size`; only the last may be shorter. */
function* regrouped<T extends Float32Array | Int32Array>(
  runs: Iterable<T>,
  size: number,
  empty: (size: number) => T,
): Generator<T> {
  let group = empty(size)
  let filled = 0
  for (const run of runs)
    for (let at = 0; at < run.length;) {
      const part = run.subarray(at, at + size - filled) as T
      group.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < size) continue
      yield group
      group = empty(size)
      filled = 0
    }
  if (filled > 0) yield group.subarray(0, filled) as T
}

function checkIds(ids: Int32Array, firstToken: number, vocabSize: number | null, subject: string): void {
  const bad = ids.findIndex((id) => id < 0 || (vocabSize !== null && id >= vocabSize))
  if (bad >= 0)
    throw problem(
      'bad-file',
      subject,
      `the id of token ${firstToken + bad} is ${ids[bad]}${vocabSize === null ? '' : `, the model has ${vocabSize} ids`}`,
      'Choose the model whose tokenizer made these ids.',
    )
}

/** Appends what is not there yet. The file is read from its start again, which takes less than writing it did. */
function fill(plan: ImportPlan, cache: ActivationCache, control: JobControl): void {
  const { dIn, dtype, vocabSize, tokens } = plan
  const source = openForeignActivations(plan.file, plan.tensor)
  const idSource = plan.ids && openForeignIds(plan.ids.file, plan.ids.tensor)
  const idGroups = idSource && regrouped(idSource.runs(), plan.tokensPerChunk, (n) => new Int32Array(n))
  const groups = regrouped(source.runs(), plan.tokensPerChunk * dIn, (n) => new Float32Array(n))
  let number = 0
  for (const values of groups) {
    const firstToken = number * plan.tokensPerChunk
    const ids = idGroups?.next().value as Int32Array | undefined
    if (!cache.has(number)) {
      if (ids && idSource) checkIds(ids, firstToken, vocabSize, idSource.subject)
      const activations = encodeValues(values, dtype, {
        subject: source.subject,
        code: 'bad-file',
        firstToken,
        dIn,
      })
      const idBytes = ids ? new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength) : null
      cache.append(number, values.length / dIn, { activations, ids: idBytes }, null)
    }
    number++
    control.report('importing', Math.min(tokens, number * plan.tokensPerChunk), tokens, 'tokens')
    control.checkpoint()
  }
}

/**
 * The job of kind "import-activations": copies activations made elsewhere, and their ids, into a set of the workspace.
 * @throws Problem bad-file with the row and the column of a value that is not finite; the set is then removed
 */
export async function importJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const plan = ImportPlan.parse(params)
  workspace.activationSets.get(plan.id)
  const file = workspace.activationFile(plan.id)
  const { dIn, dtype, contextSize, tokensPerChunk, tokens } = plan
  const cache = openToAppend(file, { dIn, dtype, contextSize, tokensPerChunk, hasTokens: plan.ids !== null })
  try {
    fill(plan, cache, control)
    cache.settle()
  } catch (error) {
    cache.close()
    // Going on later would meet the same value again.
    if (error instanceof ProblemError && error.problem.code.startsWith('bad-'))
      discardImport(params, workspace)
    throw error
  }
  cache.close()
  const rows = tokens / contextSize
  workspace.activationSets.update(plan.id, { rows, tokens, bytes: statSync(file).size, complete: true })
  return { id: plan.id, tokens, rows, contextSize }
}

/** Removes the set of a cancelled import. */
export function discardImport(params: Record<string, unknown>, workspace: Workspace): void {
  const { id } = ImportPlan.parse(params)
  removeThing(workspace, { id, kind: 'activations', name: id })
}
