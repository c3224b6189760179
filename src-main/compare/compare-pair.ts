import type { Comparison, Matches } from '#contract/compare.ts'
import type { JobControl } from '#contract/job.ts'
import { openActivations } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { batchTokens } from '../features/encode-part.ts'
import { nullMaxCosine } from '../math/cosine.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'
import { hasActivations, hasCosine, writeActivations, writeCosine } from './comparison-files.ts'
import { decoderCosine } from './decoder-cosine.ts'
import { compareOnTokens, type SameTokens } from './same-tokens.ts'
import { skipsPosition0 } from './evaluation-tokens.ts'
import { whyNoEffect } from './effect-condition.ts'
import { meanBest } from './ranked-lists.ts'

interface Work {
  workspace: Workspace
  comparison: Comparison
  a: SaeWeights
  b: SaeWeights
  control: JobControl
}

/** Compares two SAEs: first their directions, then what they do on the same tokens; each part is durable when it is done. */
export async function comparePair(
  id: Comparison['id'],
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const comparison = workspace.comparisons.get(id)
  const [a, b] = [loadSae(workspace, comparison.aId).weights, loadSae(workspace, comparison.bId).weights]
  const work: Work = { workspace, comparison, a, b, control }
  const folder = workspace.comparisonFolder(id)
  if (a.dIn === b.dIn && !(comparison.cosine && hasCosine(folder))) await compareDirections(work)
  control.checkpoint()
  if (comparison.settings.evaluation && !(comparison.activations && hasActivations(folder)))
    await compareActivations(work)
  workspace.comparisons.update(id, { complete: true })
  return { id }
}

async function compareDirections({ workspace, comparison, a, b, control }: Work): Promise<void> {
  const { k, floor } = comparison.settings
  const found = await decoderCosine(a, b, {
    k,
    floor,
    onTile: (done, total) => {
      control.report('comparing directions', done, total, 'pairs')
      if (control.stopAsked) control.checkpoint()
    },
  })
  writeCosine(workspace.comparisonFolder(comparison.id), found)
  workspace.comparisons.update(comparison.id, {
    cosine: {
      mcs: { aToB: meanBest(found.aToB), bToA: meanBest(found.bToA) },
      nullLine: { aToB: nullMaxCosine(a.dIn, b.dSae), bToA: nullMaxCosine(a.dIn, a.dSae) },
      k: found.aToB.k,
      floor: found.floor,
      edges: found.edges.cosine.length,
    },
  })
}

async function compareActivations(work: Work): Promise<void> {
  const { workspace, comparison, control } = work
  const { evaluation, bActivationSetId, ...settings } = comparison.settings
  if (!evaluation) return
  const noEffect = whyNoEffect(workspace, comparison, work.a, work.b)
  const readerA = openActivations(workspace, evaluation.activationSetId)
  const readerB = bActivationSetId ? openActivations(workspace, bActivationSetId) : readerA
  const maxRows = batchTokens(Math.max(work.a.dSae, work.b.dSae))
  const [encoderA, encoderB] = [
    await openEncoder(work.a, { maxRows }),
    await openEncoder(work.b, { maxRows }),
  ]
  try {
    const measured = await compareOnTokens(
      { weights: work.a, encoder: encoderA, reader: readerA },
      { weights: work.b, encoder: encoderB, reader: readerB },
      { evaluation, settings, measureEffect: noEffect === null },
      (doing, done, total, unit) => {
        control.report(doing, done, total, unit)
        if (control.stopAsked) control.checkpoint()
      },
    )
    const skipped = skipsPosition0(readerA.set, evaluation)
    keep(work, measured, { skippedPosition0: skipped, noEffect })
  } finally {
    await Promise.all([encoderA.close(), encoderB.close()])
    readerA.close()
    if (readerB !== readerA) readerB.close()
  }
}

function keep(
  { workspace, comparison }: Work,
  { results, tokens, a, b }: SameTokens,
  { skippedPosition0, noEffect }: { skippedPosition0: boolean; noEffect: string | null },
): void {
  const { evaluation, bActivationSetId } = comparison.settings
  if (!evaluation) return
  const { activationSetId } = evaluation
  const varying = ({ feature, k }: Matches): number =>
    feature.filter((other, n) => n % k === 0 && other >= 0).length
  const { aToB, bToA } = results.pearson
  writeActivations(workspace.comparisonFolder(comparison.id), results)
  workspace.comparisons.update(comparison.id, {
    activations: {
      evaluatedOn: { activationSetId, tokens, skippedPosition0 },
      bActivationSetId,
      meanMaxPearson: { aToB: meanBest(aToB), bToA: meanBest(bToA) },
      varying: { a: varying(aToB), b: varying(bToA) },
      a: { ...a, skippedPosition0, activationSetId },
      b: { ...b, skippedPosition0, activationSetId: bActivationSetId ?? activationSetId },
      noEffect,
    },
  })
}
