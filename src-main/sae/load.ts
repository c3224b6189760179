import { problem } from '#contract/problem.ts'
import type { Sae } from '#contract/sae.ts'
import type { Workspace } from '../store/workspace.ts'
import { readSaelensFolder } from './formats/saelens.ts'
import { writeSaelensFolder, type SaelensMetadata } from './formats/saelens-writer.ts'
import type { SaeWeights } from './weights.ts'

/** An SAE of the workspace with its weights. @throws Problem not-found, or bad-file when its folder is damaged. */
export function loadSae(workspace: Workspace, id: Sae['id']): { sae: Sae; weights: SaeWeights } {
  const sae = workspace.saes.get(id)
  const { weights } = readSaelensFolder(workspace.saeFolder(id))
  if (weights.dIn !== sae.dIn || weights.dSae !== sae.dSae)
    throw problem(
      'bad-file',
      sae.name,
      `its folder holds ${weights.dSae} features of ${weights.dIn} values, the workspace says ${sae.dSae} of ${sae.dIn}`,
    )
  return { sae, weights }
}

/**
 * Writes the weights into the workspace's folder for the SAE, each file whole or not at all, then puts its row, so that
 * what is listed can always be read. `metadata` is added to what cfg.json says of the model.
 */
export function saveSae(
  workspace: Workspace,
  sae: Sae,
  weights: SaeWeights,
  metadata: SaelensMetadata = {},
): Sae {
  writeSaelensFolder(workspace.saeFolder(sae.id), weights, {
    ...metadata,
    model_name: sae.modelName,
    hook_name: sae.hookName ?? metadata.hook_name,
  })
  return workspace.saes.put(sae)
}
