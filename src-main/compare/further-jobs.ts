import type { Comparison, MatchBy, SparseMap } from '#contract/compare.ts'
import type { JobControl } from '#contract/job.ts'
import { problem } from '#contract/problem.ts'
import { openActivations, type ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { batchTokens } from '../features/encode-part.ts'
import { loadSae } from '../sae/load.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'
import { readComparison } from './comparison-files.ts'
import { countedTokens, evaluationBatches } from './evaluation-tokens.ts'
import { writeFound } from './found-files.ts'
import { matchByCosine, matchByPearson } from './matching.ts'
import { sparseMap, type SparseMapSettings } from './sparse-map.ts'
import { TokenCodes } from './token-codes.ts'

/** The one-to-one matching of a comparison's two SAEs. */
export async function findMatching(
  id: Comparison['id'],
  by: MatchBy,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const comparison = workspace.comparisons.get(id)
  const folder = workspace.comparisonFolder(id)
  const report = (doing: string, done: number, total: number): void => {
    control.report(doing, done, total, 'features')
    if (control.stopAsked) control.checkpoint()
  }
  if (by === 'cosine') {
    const [a, b] = [comparison.aId, comparison.bId].map((saeId) => loadSae(workspace, saeId).weights)
    if (a.dIn !== b.dIn)
      throw problem(
        'mismatch',
        comparison.name,
        `directions of ${a.dIn} and of ${b.dIn} values cannot be matched`,
      )
    writeFound(folder, 'matching-cosine', await matchByCosine(a, b, comparison.settings.k, report))
  } else {
    const { activations } = readComparison(folder)
    if (!activations) throw noActivations(comparison)
    writeFound(
      folder,
      'matching-pearson',
      matchByPearson(activations.pearson, activations.pearsonByChance, report),
    )
  }
  return { id }
}

const noActivations = (comparison: Comparison) =>
  problem(
    'bad-input',
    comparison.name,
    'it compares directions only',
    'Compare the two with activations first.',
  )

async function codesOn(
  weights: SaeWeights,
  reader: ActivationReader,
  comparison: Comparison,
  control: JobControl,
): Promise<SparseCodes> {
  const { evaluation } = comparison.settings
  if (!evaluation) throw noActivations(comparison)
  const maxRows = batchTokens(weights.dSae)
  const encoder = await openEncoder(weights, { maxRows })
  const codes = new TokenCodes()
  let done = 0
  try {
    for (const { x, rows } of evaluationBatches(reader, evaluation, maxRows)) {
      codes.append(await encoder.encode(x, rows))
      control.report('encoding', (done += rows), countedTokens(reader.set, evaluation), 'tokens')
      if (control.stopAsked) control.checkpoint()
    }
  } finally {
    await encoder.close()
  }
  return codes.all()
}

/** The sparse map from the codes of A to those of B, on the comparison's tokens. */
export async function findSparseMap(
  id: Comparison['id'],
  settings: SparseMapSettings,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const comparison = workspace.comparisons.get(id)
  const { activations, settings: asked } = comparison
  if (!activations || !asked.evaluation) throw noActivations(comparison)
  const [a, b] = [comparison.aId, comparison.bId].map((saeId) => loadSae(workspace, saeId).weights)
  const reader = openActivations(workspace, asked.evaluation.activationSetId)
  const readerB = asked.bActivationSetId ? openActivations(workspace, asked.bActivationSetId) : reader
  try {
    const ofA = await codesOn(a, reader, comparison, control)
    const ofB = await codesOn(b, readerB, comparison, control)
    const found = sparseMap(ofA, a.dSae, ofB, b.dSae, settings, (done) => {
      control.report('fitting', done, b.dSae, 'features')
      if (control.stopAsked) control.checkpoint()
    })
    const map: SparseMap = { ...found, evaluatedOn: activations.evaluatedOn }
    writeFound(workspace.comparisonFolder(id), `map-${settings.kind}`, map)
    return { id, meanR2: map.meanR2 }
  } finally {
    reader.close()
    if (readerB !== reader) readerB.close()
  }
}
