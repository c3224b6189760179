import type { ActivationSet } from '#contract/activation-set.ts'
import { CompareRequest, CompareSettings, type Comparison } from '#contract/compare.ts'
import { problem } from '#contract/problem.ts'
import type { Sae } from '#contract/sae.ts'
import type { z } from 'zod'
import { version } from '../places.ts'
import type { Workspace } from '../store/workspace.ts'

type Request = z.output<typeof CompareRequest>

function checkWidth(sae: Sae, set: ActivationSet): void {
  if (sae.dIn !== set.dIn)
    throw problem(
      'mismatch',
      sae.name,
      `it takes activations of ${sae.dIn} values, "${set.name}" has ${set.dIn}`,
      'Choose activations of the hook this SAE was trained on.',
    )
}

/** Checks what can be known before the work. @throws Problem naming the two that do not belong together. */
function check(workspace: Workspace, request: Request, a: Sae, b: Sae): void {
  for (const sae of [a, b])
    if (!sae.complete)
      throw problem('conflict', sae.name, 'its training has not finished', 'Wait for it, or resume it.')
  const { evaluation, bActivationSetId } = request
  if (a.dIn !== b.dIn && !(evaluation && bActivationSetId))
    throw problem(
      'mismatch',
      b.name,
      `its features have ${b.dIn} values, those of "${a.name}" ${a.dIn}, so their directions cannot be compared`,
      'Give activations of both over the same tokens to compare what they fire on.',
    )
  if (bActivationSetId && !evaluation)
    throw problem('bad-input', bActivationSetId, 'activations for B were given without any for A')
  if (!evaluation) return
  checkWidth(a, workspace.activationSets.get(evaluation.activationSetId))
  checkWidth(b, workspace.activationSets.get(bActivationSetId ?? evaluation.activationSetId))
}

/** Whether a comparison with settings `has` knows everything that `wanted` asks for. */
function covers(has: CompareSettings, wanted: CompareSettings): boolean {
  const sameTokens =
    JSON.stringify([has.evaluation, has.bActivationSetId]) ===
    JSON.stringify([wanted.evaluation, wanted.bActivationSetId])
  return (
    has.k >= wanted.k &&
    has.floor <= wanted.floor &&
    (wanted.evaluation === null || (sameTokens && has.maskedCosine >= wanted.maskedCosine))
  )
}

const finished = (
  workspace: Workspace,
  { aId, bId }: Request,
  settings: CompareSettings,
): Comparison | undefined =>
  workspace.comparisons
    .list()
    .find(
      (comparison) =>
        comparison.complete &&
        comparison.aId === aId &&
        comparison.bId === bId &&
        covers(CompareSettings.parse(comparison.settings), settings),
    )

/** The comparison asked for: one that exists, or a new row that a job is to fill. */
export function requestComparison(
  workspace: Workspace,
  request: Request,
): { comparison: Comparison; exists: boolean } {
  const { aId, bId, name } = request
  const [a, b] = [workspace.saes.get(aId), workspace.saes.get(bId)]
  check(workspace, request, a, b)
  const settings = CompareSettings.parse(request)
  const known = finished(workspace, request, settings)
  if (known) return { comparison: known, exists: true }
  const sets = [settings.evaluation?.activationSetId, settings.bActivationSetId]
  const comparison = workspace.comparisons.put({
    id: workspace.comparisons.newId(),
    name: name ?? `${a.name} and ${b.name}`,
    createdAt: new Date().toISOString(),
    provenance: {
      madeBy: 'compare',
      from: [aId, bId, ...sets.filter((id) => id !== undefined && id !== null)],
      parameters: { ...settings },
      version,
    },
    aId,
    bId,
    aCount: a.dSae,
    bCount: b.dSae,
    settings,
    cosine: null,
    activations: null,
    complete: false,
  })
  return { comparison, exists: false }
}
