import { z } from 'zod'
import { StitchId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import type { HybridMetrics, Reencoded, Stitch } from '#contract/stitch.ts'
import { openActivations, type ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { countedTokens, evaluationBatches } from '../compare/evaluation-tokens.ts'
import { QualitySums, residualOf } from '../compare/quality.ts'
import { batchTokens } from '../features/encode-part.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'
import { History } from './history.ts'
import { originsOf } from './hybrid.ts'
import { RankedEffect, rankedHybrid, rankedPair } from './reencoded.ts'
import { openStitchFile, writeResult } from './stitch-file.ts'

export const ReencodeParams = z.object({ stitchId: StitchId, point: z.int().min(0) })
type Params = z.output<typeof ReencodeParams>

interface Work {
  stitch: Stitch
  reader: ActivationReader
  control: JobControl
}

type Encode = (x: Float32Array, rows: number) => Promise<SparseCodes>

/** Runs over the evaluation tokens with one encoder each; all are closed at the end. */
async function overTokens(
  { stitch, reader, control }: Work,
  doing: string,
  saes: readonly SaeWeights[],
  take: (x: Float32Array, rows: number, encode: Encode[]) => Promise<void>,
): Promise<void> {
  const maxRows = batchTokens(Math.max(...saes.map(({ dSae }) => dSae)))
  const encoders = await Promise.all(saes.map((weights) => openEncoder(weights, { maxRows })))
  const encode = encoders.map(
    (encoder): Encode =>
      (x, rows) =>
        encoder.encode(x, rows),
  )
  const total = countedTokens(reader.set, stitch.evaluation)
  let done = 0
  try {
    for (const { x, rows } of evaluationBatches(reader, stitch.evaluation, maxRows)) {
      await take(x, rows, encode)
      control.report(doing, (done += rows), total, 'tokens')
      if (control.stopAsked) control.checkpoint()
    }
  } finally {
    await Promise.all(encoders.map((encoder) => encoder.close()))
  }
}

async function measured(weights: SaeWeights, work: Work, doing: string): Promise<HybridMetrics> {
  const sums = new QualitySums(weights)
  await overTokens(work, doing, [weights], async (x, rows, [encode]) => {
    const codes = await encode(x, rows)
    sums.take(x, residualOf(weights, codes, x), codes)
  })
  const { mse, explainedVariance, l0, dead } = sums.quality()
  const { dIn, dSae } = weights
  return { mse, explainedVariance, l0, dead, features: dSae, parameters: dSae * (2 * dIn + 1) + dIn }
}

/** Measures a point of the history with the k largest chosen anew among all features of the hybrid, exactly. */
export async function reencode(
  { stitchId, point }: Params,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const stitch = workspace.stitches.get(stitchId)
  const { baseCount, donorCount } = stitch
  const [base, donor] = [stitch.baseId, stitch.donorId].map((id) => loadSae(workspace, id).weights)
  const pair = rankedPair(base, donor)
  const reader = openActivations(workspace, stitch.evaluation.activationSetId)
  const db = openStitchFile(workspace.stitchFolder(stitchId))
  const work: Work = { stitch, reader, control }
  try {
    const hybridAt = (at: number): SaeWeights =>
      rankedHybrid(
        pair,
        originsOf(new History(db).membership(at, baseCount, baseCount + donorCount), baseCount),
      )
    const host = hybridAt(0)
    const effect = new RankedEffect(pair)
    await overTokens(work, 'adding each feature alone', [host, pair.donor], async (x, rows, [kept, all]) => {
      effect.take(x, await kept(x, rows), await all(x, rows))
    })
    const tokens = countedTokens(reader.set, stitch.evaluation)
    const found: Reencoded = {
      point,
      before: await measured(host, work, 'encoding with the base'),
      after: await measured(hybridAt(point), work, 'encoding with the hybrid'),
      deltaMse: effect.deltaSse.map((delta) => delta / tokens),
    }
    writeResult(db, 'reencoded', found)
    return { id: stitchId, point }
  } finally {
    db.close()
    reader.close()
  }
}
