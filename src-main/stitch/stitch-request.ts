import type { z } from 'zod'
import { EvaluationRequest } from '#contract/evaluation.ts'
import { problem } from '#contract/problem.ts'
import type { Stitch, StitchRequest } from '#contract/stitch.ts'
import { countedTokens } from '../compare/evaluation-tokens.ts'
import { version } from '../places.ts'
import type { Workspace } from '../store/workspace.ts'

type Request = z.output<typeof StitchRequest>

/** @throws Problem naming the two that do not belong together. */
function check(workspace: Workspace, { baseId, donorId, evaluation }: Request): void {
  const [base, donor] = [workspace.saes.get(baseId), workspace.saes.get(donorId)]
  const set = workspace.activationSets.get(evaluation.activationSetId)
  for (const sae of [base, donor]) {
    if (!sae.complete)
      throw problem('conflict', sae.name, 'its training has not finished', 'Wait for it, or resume it.')
    if (sae.dIn !== set.dIn)
      throw problem(
        'mismatch',
        sae.name,
        `it takes activations of ${sae.dIn} values, "${set.name}" has ${set.dIn}`,
        'Choose activations of the hook point that both SAEs were trained on.',
      )
  }
  if (base.hookName && donor.hookName && base.hookName !== donor.hookName)
    throw problem(
      'mismatch',
      donor.name,
      `it is of ${donor.hookName}, "${base.name}" of ${base.hookName}`,
      'Only features of the same hook point can be stitched.',
    )
  if (countedTokens(set, evaluation) < 1)
    throw problem(
      'bad-input',
      set.name,
      'no token of it counts',
      'Count position 0 too, or choose other activations.',
    )
}

/** A prepared stitch of the same two on the same tokens. */
const known = (workspace: Workspace, { baseId, donorId, evaluation }: Request): Stitch | undefined =>
  workspace.stitches
    .list()
    .find(
      (stitch) =>
        stitch.complete &&
        stitch.baseId === baseId &&
        stitch.donorId === donorId &&
        JSON.stringify(EvaluationRequest.parse(stitch.evaluation)) ===
          JSON.stringify(EvaluationRequest.parse(evaluation)),
    )

/** The stitch asked for: one that is prepared already, or a new row whose evaluation set a job is to prepare. */
export function requestStitch(workspace: Workspace, request: Request): { stitch: Stitch; exists: boolean } {
  check(workspace, request)
  const found = known(workspace, request)
  if (found) return { stitch: found, exists: true }
  const { baseId, donorId, evaluation, name } = request
  const [base, donor] = [workspace.saes.get(baseId), workspace.saes.get(donorId)]
  const stitch = workspace.stitches.put({
    id: workspace.stitches.newId(),
    name: name ?? `${donor.name} into ${base.name}`,
    createdAt: new Date().toISOString(),
    provenance: {
      madeBy: 'stitch',
      from: [baseId, donorId, evaluation.activationSetId],
      parameters: { ...evaluation },
      version,
    },
    baseId,
    donorId,
    baseCount: base.dSae,
    donorCount: donor.dSae,
    evaluation,
    evaluatedOn: null,
    baseForm: null,
    donorForm: null,
    complete: false,
  })
  return { stitch, exists: false }
}
