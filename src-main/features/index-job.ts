import { rmSync } from 'node:fs'
import { z } from 'zod'
import type { FeatureIndex, IndexPart } from '#contract/feature-index.ts'
import { IndexId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { openActivations, type ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { loadSae } from '../sae/load.ts'
import { bytesOf, removeThing } from '../store/removal.ts'
import { threadsToUse } from '../store/allowed-threads.ts'
import type { Workspace } from '../store/workspace.ts'
import { createCodesFile } from './codes-file.ts'
import { directionsOf, hasDirections, writeDirections } from './directions.ts'
import { batchTokens, encodePart, isPosition0 } from './encode-part.ts'
import { IndexJournal, journalOf } from './index-journal.ts'
import { IndexWriter, type IndexTotals } from './index-writer.ts'
import { sketchRate } from './sketch.ts'
import { NORM_SAMPLE, normLimit } from './token-norms.ts'

const Params = z.object({
  indexId: IndexId,
  /** The index was whole before, and this job adds tokens to it. */
  extends: z.boolean(),
})
export type IndexJobParams = z.infer<typeof Params>

/**
 * How soon an index that is being made can be looked at, and at most how often later: half a minute, or in a long job a
 * quarter of its time. More often would make many small segments, and those a larger and slower file.
 */
const COMMIT_AFTER_MS = 30_000
const COMMIT_AFTER_SHARE = 0.25
/** What a kill loses: so many milliseconds of work, or as many as make saving a hundredth of it. */
const SAVE_AFTER_MS = 4000
const SAVE_AFTER_COST = 100
const tokensOf = (parts: readonly IndexPart[]): number => parts.reduce((sum, part) => sum + part.tokens, 0)

/** Encodes the activation sets of an index, one after the other, from the first token that is not yet durable. */
export async function indexJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const { indexId } = Params.parse(params)
  const { parts, settings, saeId } = workspace.indexes.get(indexId)
  const { weights } = loadSae(workspace, saeId)
  const { dSae } = weights
  const file = createCodesFile(workspace.codesFile(indexId), dSae, sketchRate(tokensOf(parts)))
  const encoder = await openEncoder(weights, { maxRows: batchTokens(dSae), threads: threadsToUse() })
  const journal = new IndexJournal(workspace.codesFile(indexId))
  let totals: IndexTotals
  try {
    if (!hasDirections(file.db)) writeDirections(file.db, await directionsOf(weights))
    const writer = new IndexWriter(file, journal)
    const afterBatch = committer(workspace, indexId, writer, control)
    for (const [number, part] of parts.entries()) {
      const firstToken = tokensOf(parts.slice(0, number))
      if (writer.nextToken >= firstToken + part.tokens) continue
      const reader = openActivations(workspace, part.activationSetId)
      try {
        const limited = withNormLimit(workspace, indexId, number, reader)
        await encodePart({ writer, encoder, reader, part: limited, settings, dSae, firstToken }, afterBatch)
      } finally {
        reader.close()
      }
    }
    totals = writer.commit()
  } finally {
    await encoder.close()
    journal.close()
    file.db.close()
  }
  record(workspace, indexId, totals) // after closing: the file has its final size
  const { tokens, countedTokens, nonZeros, bytes } = workspace.indexes.update(indexId, { complete: true })
  return { id: indexId, tokens, countedTokens, nonZeros, bytes }
}

/** What is done after every batch: say how far, and from time to time (or when asked to stop) make it durable. */
function committer(workspace: Workspace, id: IndexId, writer: IndexWriter, control: JobControl): () => void {
  const total = tokensOf(workspace.indexes.get(id).parts)
  const beganAt = performance.now()
  let committedAt = beganAt
  let savedAt = beganAt
  let saveAfter = SAVE_AFTER_MS
  return () => {
    control.report('encoding', writer.nextToken, total, 'tokens')
    const now = performance.now()
    const due = now - committedAt > Math.max(COMMIT_AFTER_MS, COMMIT_AFTER_SHARE * (committedAt - beganAt))
    if (writer.full || control.stopAsked || due) {
      record(workspace, id, writer.commit())
      committedAt = savedAt = performance.now()
      control.checkpoint()
    } else if (now - savedAt > saveAfter) {
      writer.save()
      savedAt = performance.now()
      saveAfter = Math.max(SAVE_AFTER_MS, SAVE_AFTER_COST * (savedAt - now))
    }
  }
}

function record(workspace: Workspace, id: IndexId, totals: IndexTotals): void {
  const file = workspace.codesFile(id)
  workspace.indexes.update(id, { ...totals, bytes: bytesOf(file) + bytesOf(`${file}-wal`) })
}

/** Fills in a part's norm limit where the settings ask for one; it is recorded before it is used. */
function withNormLimit(
  workspace: Workspace,
  id: IndexId,
  number: number,
  reader: ActivationReader,
): IndexPart {
  const { parts, settings } = workspace.indexes.get(id)
  const part = parts[number]
  if (settings.maxNormMultiple === null || part.normLimit !== null) return part
  const { dIn, contextSize } = reader.set
  const sample = reader.read(0, Math.min(part.tokens, NORM_SAMPLE))
  const counts = (row: number): boolean => !isPosition0(row, contextSize, settings)
  const limited = { ...part, normLimit: normLimit(sample, dIn, settings.maxNormMultiple, counts) }
  workspace.indexes.update(id, { parts: parts.with(number, limited) })
  return limited
}

/** Cancelled: a new index goes; one that was being extended keeps what it has. */
export function discardIndexJob(params: Record<string, unknown>, workspace: Workspace): void {
  const { indexId, extends: extending } = Params.parse(params)
  const index = workspace.indexes.find(indexId)
  if (!index) return
  rmSync(journalOf(workspace.codesFile(indexId)), { force: true })
  if (!extending) removeThing(workspace, { id: index.id, kind: 'index', name: index.name })
  else workspace.indexes.update(indexId, { parts: coveredParts(index), complete: true })
}

/** The parts as far as they are indexed. */
function coveredParts({ parts, tokens }: FeatureIndex): IndexPart[] {
  let left = tokens
  return parts.flatMap((part) => {
    const covered = Math.min(part.tokens, left)
    left -= covered
    return covered > 0 ? [{ ...part, tokens: covered }] : []
  })
}
