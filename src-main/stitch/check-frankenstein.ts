import type { z } from 'zod'
import { problem } from '#contract/problem.ts'
import type { FrankensteinRequest } from '#contract/stitch.ts'
import type { Workspace } from '../store/workspace.ts'

/** @throws Problem where an SAE does not fit the activations, or the thresholds are not one or one a step. */
export function checkFrankenstein(workspace: Workspace, request: z.output<typeof FrankensteinRequest>): void {
  const set = workspace.activationSets.get(request.evaluation.activationSetId)
  const steps = request.saeIds.length - 1
  if (new Set(request.saeIds).size !== request.saeIds.length)
    throw problem('bad-input', 'SAEs', 'the same one is given twice')
  if (request.thresholds.length !== 1 && request.thresholds.length !== steps)
    throw problem(
      'bad-input',
      'thresholds',
      `${request.thresholds.length} were given for ${steps} steps`,
      'Give one for all, or one for each SAE after the smallest.',
    )
  for (const id of request.saeIds) {
    const sae = workspace.saes.get(id)
    if (sae.dIn !== set.dIn)
      throw problem(
        'mismatch',
        sae.name,
        `it takes activations of ${sae.dIn} values, "${set.name}" has ${set.dIn}`,
      )
  }
}
