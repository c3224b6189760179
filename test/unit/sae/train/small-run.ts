import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActivationSet } from '../../../../src-preload/contract/activation-set.ts'
import type { JobControl } from '../../../../src-preload/contract/job.ts'
import { TrainRequest } from '../../../../src-preload/contract/training.ts'
import { openToAppend } from '../../../../src-main/activations/cache.ts'
import { normal, randomDirections, seededRandom } from '../../../../src-main/math/random.ts'
import { createRun } from '../../../../src-main/sae/train/start.ts'
import { openWorkspace, type Workspace } from '../../../../src-main/store/workspace.ts'

/** A workspace in a temporary folder, gone when `use` is over. */
export async function withWorkspace(use: (workspace: Workspace) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'suture-train-'))
  const workspace = openWorkspace(folder)
  try {
    await use(workspace)
  } finally {
    workspace.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const CONTEXT = 8
const CHUNK_ROWS = 16
/** True features of the activations below. */
const FEATURES = 12

/**
 * An activation set of sums of a few out of twelve directions in `dIn` dimensions; position 0 of every row is a sink
 * of norm 100.
 */
export function addActivations(workspace: Workspace, rows = 64, dIn = 6): ActivationSet {
  const random = seededRandom(3)
  const directions = randomDirections(FEATURES, dIn, 1, random)
  const id = workspace.activationSets.newId()
  const cache = openToAppend(workspace.activationFile(id), {
    dIn,
    dtype: 'f32',
    contextSize: CONTEXT,
    tokensPerChunk: CHUNK_ROWS * CONTEXT,
    hasTokens: true,
  })
  for (let chunk = 0; chunk * CHUNK_ROWS < rows; chunk++) {
    const tokens = Math.min(CHUNK_ROWS, rows - chunk * CHUNK_ROWS) * CONTEXT
    const x = new Float32Array(tokens * dIn)
    for (let t = 0; t < tokens; t++) {
      if (t % CONTEXT === 0) x[t * dIn] = 100
      else
        for (let j = 0; j < FEATURES; j++) {
          if (random() > 0.15) continue
          const amount = 1 + 0.3 * normal(random)
          for (let i = 0; i < dIn; i++) x[t * dIn + i] += amount * directions[j * dIn + i]
        }
    }
    const ids = new Int32Array(tokens)
    cache.append(
      chunk,
      tokens,
      { activations: new Uint8Array(x.buffer), ids: new Uint8Array(ids.buffer) },
      null,
    )
  }
  cache.close()
  return workspace.activationSets.put({
    id,
    name: 'sums of twelve directions',
    createdAt: new Date().toISOString(),
    provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
    modelId: null,
    corpusId: null,
    hookName: 'blocks.0.hook_resid_pre',
    dIn,
    dtype: 'f32',
    contextSize: CONTEXT,
    hasTokens: true,
    rows,
    tokens: rows * CONTEXT,
    prependBos: true,
    bytes: 0,
    complete: true,
  })
}

type Request = Partial<Omit<TrainRequest, 'source'>> & Pick<TrainRequest, 'saes'>
/** A run on an activation set, put into the workspace but not begun. */
export const newRun = (workspace: Workspace, set: ActivationSet, request: Request) =>
  createRun(
    workspace,
    TrainRequest.parse({ source: { from: 'activations', activationSetId: set.id }, ...request }),
  )

/** A control that nobody stops, unless `stopAfter` reports have come. */
export class QuietControl implements JobControl {
  reports = 0
  readonly #stopAfter: number
  constructor(stopAfter = Infinity) {
    this.#stopAfter = stopAfter
  }
  get stopAsked(): boolean {
    return this.reports >= this.#stopAfter
  }
  report(): void {
    this.reports++
  }
  checkpoint(): void {
    if (this.stopAsked) throw new Error('stopped')
  }
}
