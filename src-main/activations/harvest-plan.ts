import { z } from 'zod'
import { ActivationDtype, type ActivationSet, type HarvestRequest } from '#contract/activation-set.ts'
import { Packing, type Corpus } from '#contract/corpus.ts'
import { ActivationSetId, CorpusId, ModelId } from '#contract/ids.ts'
import { ModelDevice, type HookPoint } from '#contract/model.ts'
import { contextShape } from '../corpus/context-shape.ts'
import { resolveHook } from '../language-model/hook-names.ts'
import { version } from '../places.ts'
import type { Workspace } from '../store/workspace.ts'
import { bytesPerToken, fileBytes, harvestLayout } from './layout.ts'
import { checkRoom } from './room-on-disk.ts'

type Request = z.output<typeof HarvestRequest>

/** Everything that decides what a harvest makes; the parameters of its job. */
export const HarvestPlan = z.object({
  modelId: ModelId,
  corpusId: CorpusId,
  /** One set per hook point. */
  sets: z.array(z.object({ id: ActivationSetId, hookName: z.string(), dIn: z.int() })).min(1),
  dtype: ActivationDtype,
  tokensAsked: z.int(),
  /** Rows wanted: tokensAsked rounded up to whole rows, or as many as the corpus can have. */
  rows: z.int().min(1),
  rowsPerBatch: z.int().min(1),
  rowsPerChunk: z.int().min(1),
  contexts: z.object({
    contextSize: z.int(),
    bosId: z.int().nullable(),
    packing: Packing,
    shuffle: z.boolean(),
    seed: z.int(),
    vocabSize: z.int(),
  }),
  /** Where the model runs. */
  device: ModelDevice.default('auto'),
})
export type HarvestPlan = z.infer<typeof HarvestPlan>

/**
 * Rows that a corpus cannot have more of; null where its size does not tell. A byte of text is at most two tokens: its
 * own, and BOS or the space that some tokenizers put before a document.
 */
function mostRows({ format, rows, bytes }: Corpus, contextSize: number): number | null {
  if (format === 'tokens') return rows
  return format === 'parquet' ? null : Math.ceil((2 * bytes) / contextSize)
}

/** A request as its ids, hook points and sizes, checked against the model and the corpus; nothing is made. */
function plan(workspace: Workspace, request: Request): HarvestPlan {
  const model = workspace.models.get(request.modelId)
  const corpus = workspace.corpora.get(request.corpusId)
  const found = request.hookNames.map((name) => resolveHook(name, model))
  const hooks = [...new Map(found.map((hook): [string, HookPoint] => [hook.name, hook])).values()]
  const contexts = contextShape(corpus, model, request)
  const { contextSize } = contexts
  const widest = Math.max(...hooks.map(({ width }) => width))
  return {
    modelId: model.id,
    corpusId: corpus.id,
    sets: hooks.map(({ name, width }) => ({
      id: workspace.activationSets.newId(),
      hookName: name,
      dIn: width,
    })),
    dtype: request.dtype,
    tokensAsked: request.tokens,
    rows: Math.min(Math.ceil(request.tokens / contextSize), mostRows(corpus, contextSize) ?? Infinity),
    ...harvestLayout(contextSize, widest, request.dtype),
    contexts,
    device: request.device,
  }
}

/** Bytes on disk of one set of a plan once it is complete. */
export const setBytes = ({ rows, contexts, dtype }: HarvestPlan, dIn: number): number =>
  fileBytes(rows * contexts.contextSize, bytesPerToken(dIn, dtype, true))

const bytesOf = (planned: HarvestPlan): number =>
  planned.sets.reduce((sum, { dIn }) => sum + setBytes(planned, dIn), 0)

/** Bytes on disk that a harvest would take if the corpus has as many tokens as asked for. */
export const estimateHarvest = (workspace: Workspace, request: Request): number =>
  bytesOf(plan(workspace, request))

/**
 * Checks a request and the room on disk, and puts the activation sets, not yet complete, into the workspace.
 * @throws Problem for what does not fit together, before anything is made
 */
export function prepareHarvest(workspace: Workspace, request: Request): HarvestPlan {
  const planned = plan(workspace, request)
  checkRoom(workspace.folder, bytesOf(planned))
  for (const { id, hookName, dIn } of planned.sets)
    workspace.activationSets.put(emptySet(workspace, request, planned, { id, hookName, dIn }))
  return planned
}

function emptySet(
  workspace: Workspace,
  request: Request,
  planned: HarvestPlan,
  { id, hookName, dIn }: HarvestPlan['sets'][number],
): ActivationSet {
  const { contexts, dtype } = planned
  const name = request.name ?? workspace.corpora.get(request.corpusId).name
  return {
    id,
    name: request.name && planned.sets.length === 1 ? name : `${name} · ${hookName}`,
    createdAt: new Date().toISOString(),
    provenance: {
      madeBy: 'harvest',
      from: [request.modelId, request.corpusId],
      parameters: { ...request, contextSize: contexts.contextSize, prependBos: contexts.bosId !== null },
      version,
    },
    modelId: request.modelId,
    corpusId: request.corpusId,
    hookName,
    dIn,
    dtype,
    contextSize: contexts.contextSize,
    rows: 0,
    tokens: 0,
    prependBos: contexts.bosId !== null,
    hasTokens: true,
    bytes: setBytes(planned, dIn),
    complete: false,
  }
}
