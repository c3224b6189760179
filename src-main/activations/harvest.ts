import { statSync } from 'node:fs'
import type { JobControl } from '#contract/job.ts'
import { problem } from '#contract/problem.ts'
import { contexts, type Context, type ContextEnd } from '../corpus/contexts.ts'
import type { TextTokenizer } from '../corpus/encode-pieces.ts'
import type { LanguageModel } from '../language-model/language-model.ts'
import { openOnDevice, rowToTry } from '../language-model/open-on-device.ts'
import { cpuOnly, type ChooseProvider } from '../language-model/provider.ts'
import { openTokenizer } from '../language-model/tokenizer.ts'
import { removeThing } from '../store/removal.ts'
import type { Workspace } from '../store/workspace.ts'
import { openToAppend, type ActivationCache } from './cache.ts'
import { HarvestPlan, setBytes } from './harvest-plan.ts'
import { ranOn, recordRanOn } from './ran-on.ts'
import { checkRoom } from './room-on-disk.ts'
import { encodeValues } from './stored-values.ts'

type Runs = Pick<LanguageModel, 'runTo'>
/** What a harvest reads with: opened from the plan's model, or given by a test. */
export interface HarvestTools {
  languageModel: Runs
  /** null where the corpus is rows of token ids. */
  tokenizer: TextTokenizer | null
}

/** What came of it; `note` says where it is less than was asked for. */
export interface HarvestResult {
  sets: { id: string; hookName: string }[]
  rows: number
  tokens: number
  tokensAsked: number
  note?: string
}

function openCaches(workspace: Workspace, plan: HarvestPlan): ActivationCache[] {
  const { contextSize } = plan.contexts
  return plan.sets.map(({ id, dIn }) => {
    // Says at once when the set was deleted in the meantime.
    workspace.activationSets.get(id)
    return openToAppend(workspace.activationFile(id), {
      dIn,
      dtype: plan.dtype,
      contextSize,
      tokensPerChunk: plan.rowsPerChunk * contextSize,
      hasTokens: true,
    })
  })
}

/** Where a stopped harvest goes on: the first chunk that some set lacks, and the context that begins it. */
function whereToGoOn(caches: readonly ActivationCache[]): { chunk: number; from: ContextEnd | undefined } {
  const chunk = Math.min(...caches.map((cache) => cache.extent().chunks))
  return { chunk, from: chunk === 0 ? undefined : (caches[0].after(chunk - 1) as ContextEnd) }
}

function checkRoomLeft(workspace: Workspace, plan: HarvestPlan): void {
  const size = (id: string): number =>
    statSync(workspace.activationFile(id), { throwIfNoEntry: false })?.size ?? 0
  checkRoom(
    workspace.folder,
    plan.sets.reduce((sum, { id, dIn }) => sum + Math.max(0, setBytes(plan, dIn) - size(id)), 0),
  )
}

/** Contexts, at most `limit` of them, in runs of `size`. */
async function* inRuns(
  all: AsyncIterable<Context>,
  size: number,
  limit: number,
): AsyncGenerator<Context[], void, void> {
  let run: Context[] = []
  let left = limit
  if (left === 0) return
  for await (const context of all) {
    run.push(context)
    left--
    if (run.length === size || left === 0) {
      yield run
      run = []
    }
    if (left === 0) return
  }
  if (run.length > 0) yield run
}

function joined(run: readonly Context[]): Int32Array<ArrayBuffer> {
  const { length } = run[0].ids
  const ids = new Int32Array(run.length * length)
  for (const [row, context] of run.entries()) ids.set(context.ids, row * length)
  return ids
}

interface Chunk {
  number: number
  ids: Int32Array<ArrayBuffer>
  /** Per hook point [rows·context, dIn]. */
  activations: Float32Array[]
  after: ContextEnd
}

/**
 * Runs one chunk's rows through the model a batch at a time.
 * @param report is told of so many rows more
 */
async function compute(
  plan: HarvestPlan,
  languageModel: Runs,
  { number, run }: { number: number; run: readonly Context[] },
  report: (rows: number) => void,
): Promise<Chunk> {
  const { contextSize } = plan.contexts
  const ids = joined(run)
  const activations = plan.sets.map(({ dIn }) => new Float32Array(ids.length * dIn))
  const hookNames = plan.sets.map(({ hookName }) => hookName)
  for (let row = 0; row < run.length; row += plan.rowsPerBatch) {
    const rows = Math.min(run.length - row, plan.rowsPerBatch)
    const asked = ids.slice(row * contextSize, (row + rows) * contextSize)
    const batch = await languageModel.runTo(hookNames, asked, rows)
    for (const [i, { dIn }] of plan.sets.entries()) activations[i].set(batch[i], row * contextSize * dIn)
    report(rows)
  }
  return { number, ids, activations, after: run[run.length - 1].end }
}

/** Writes a chunk into the sets that lack it: after a kill between two of them, some have it already. */
function append(plan: HarvestPlan, caches: readonly ActivationCache[], chunk: Chunk): void {
  const { number, ids, activations, after } = chunk
  const firstToken = number * plan.rowsPerChunk * plan.contexts.contextSize
  const idBytes = new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)
  const bytes = plan.sets.map(({ hookName, dIn }, i) =>
    encodeValues(activations[i], plan.dtype, { subject: hookName, code: 'diverged', firstToken, dIn }),
  )
  for (const [i, cache] of caches.entries())
    if (!cache.has(number)) cache.append(number, ids.length, { activations: bytes[i], ids: idBytes }, after)
}

/**
 * The next chunk is in the model while one is written, so that neither the model nor the disk waits for the other. What
 * the model has ahead when the job is stopped is computed again.
 */
async function fill(
  plan: HarvestPlan,
  tools: HarvestTools,
  workspace: Workspace,
  caches: readonly ActivationCache[],
  control: JobControl,
): Promise<void> {
  const corpus = workspace.corpora.get(plan.corpusId)
  const { chunk, from } = whereToGoOn(caches)
  let rowsDone = Math.min(plan.rows, chunk * plan.rowsPerChunk)
  const all = contexts(corpus, tools.tokenizer, plan.contexts, from)
  const { contextSize } = plan.contexts
  const report = (rows: number): void => {
    rowsDone += rows
    control.report('harvesting', rowsDone * contextSize, plan.rows * contextSize, 'tokens')
  }
  let number = chunk
  let ahead: Promise<Chunk> | undefined
  const write = async (computed: Promise<Chunk>): Promise<void> => {
    append(plan, caches, await computed)
    control.checkpoint()
  }
  try {
    for await (const run of inRuns(all, plan.rowsPerChunk, plan.rows - rowsDone)) {
      const before = ahead
      ahead = compute(plan, tools.languageModel, { number: number++, run }, report)
      ahead.catch(() => {}) // heard of when it is its turn to be written
      if (before) await write(before)
    }
    if (ahead) await write(ahead)
  } finally {
    await ahead?.catch(() => undefined)
  }
}

function finish(plan: HarvestPlan, workspace: Workspace, tokens: number): HarvestResult {
  const { contextSize } = plan.contexts
  const rows = tokens / contextSize
  workspace.db
    .transaction(() => {
      for (const { id } of plan.sets) {
        const bytes = statSync(workspace.activationFile(id)).size
        workspace.activationSets.update(id, { rows, tokens, bytes, complete: true })
      }
    })
    .immediate()
  return {
    sets: plan.sets.map(({ id, hookName }) => ({ id, hookName })),
    rows,
    tokens,
    tokensAsked: plan.tokensAsked,
    ...(tokens < plan.tokensAsked && {
      note: `The corpus has ${tokens} tokens in whole rows of ${contextSize}, fewer than the ${plan.tokensAsked} asked for.`,
    }),
  }
}

/**
 * One pass over the corpus that fills one activation set per hook point, from wherever an earlier run of the same
 * plan was stopped, at any instant: chunks are the same, to the byte, as if it had never been.
 * @throws Problem bad-input when the corpus has not one row; the sets are then removed
 */
export async function harvest(
  plan: HarvestPlan,
  tools: HarvestTools,
  workspace: Workspace,
  control: JobControl,
): Promise<HarvestResult> {
  checkRoomLeft(workspace, plan)
  const caches = openCaches(workspace, plan)
  let tokens: number
  try {
    await fill(plan, tools, workspace, caches, control)
    tokens = caches[0].extent().tokens
    for (const cache of caches) cache.settle()
  } finally {
    for (const cache of caches) cache.close()
  }
  if (tokens > 0) return finish(plan, workspace, tokens)
  discardHarvest(plan, workspace)
  const { contextSize, packing } = plan.contexts
  throw problem(
    'bad-input',
    workspace.corpora.get(plan.corpusId).name,
    packing === 'packed'
      ? `the whole corpus is shorter than one row of ${contextSize} tokens`
      : `no document in it has ${contextSize} tokens`,
    packing === 'packed'
      ? 'Choose a smaller context or more text.'
      : 'Choose a smaller context, or pack documents.',
  )
}

/**
 * The job of kind "harvest": opens the plan's model where it is to run, and its tokenizer, and harvests. One that goes
 * on runs where it began. Where the model ran, and why not elsewhere, is in the result and in the sets' provenance.
 */
export async function harvestJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
  choose: ChooseProvider = cpuOnly,
): Promise<Record<string, unknown>> {
  const plan = HarvestPlan.parse(params)
  const model = workspace.models.get(plan.modelId)
  const isText = workspace.corpora.get(plan.corpusId).format !== 'tokens'
  control.report('opening the model', 0, null, 'tokens')
  const before = ranOn(workspace, plan)
  const hookNames = plan.sets.map(({ hookName }) => hookName)
  const { languageModel, provider, reason } = await openOnDevice(model, {
    device: before?.provider ?? plan.device,
    choose,
    attempt: (opened) => opened.runTo(hookNames, rowToTry(model, plan.contexts.contextSize), 1),
  })
  try {
    const where = { provider, reason: reason ?? before?.reason ?? null }
    recordRanOn(workspace, plan, where)
    const tokenizer = isText ? await openTokenizer(model.folder) : null
    const result = await harvest(plan, { languageModel, tokenizer }, workspace, control)
    return { ...result, ranOn: where.provider, reason: where.reason }
  } finally {
    await languageModel.close()
  }
}

/** Removes the sets of a cancelled harvest. */
export function discardHarvest(params: Record<string, unknown>, workspace: Workspace): void {
  for (const { id } of HarvestPlan.parse(params).sets)
    removeThing(workspace, { id, kind: 'activations', name: id })
}
