import type { JobControl } from '#contract/job.ts'
import type { Sae } from '#contract/sae.ts'
import { openActivations } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { discardImport, importSae, ImportParams } from '../sae/import.ts'
import { matchingActivations, selfCheck, type OpenEncoding } from '../sae/self-check.ts'
import type { SaeWeights } from '../sae/weights.ts'
import { threadsToUse } from '../store/allowed-threads.ts'
import type { Workspace } from '../store/workspace.ts'

const onCpu: OpenEncoding = (weights) => openEncoder(weights, { threads: threadsToUse() })

/** Measures an imported SAE on matching activations where the workspace has some, and notes what is implausible. */
async function check(workspace: Workspace, sae: Sae, weights: SaeWeights): Promise<Sae> {
  const [set] = matchingActivations(workspace, sae)
  if (!set) return sae
  const reader = openActivations(workspace, set.id)
  try {
    const { metrics, warnings } = await selfCheck(reader, weights, onCpu)
    return workspace.saes.update(sae.id, { metrics, warnings: [...(sae.warnings ?? []), ...warnings] })
  } finally {
    reader.close()
  }
}

export async function importSaeJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const { sae, weights } = await importSae(workspace, ImportParams.parse(params), control)
  control.report('Checking on activations', 0, null, 'tokens')
  const { metrics, warnings } = await check(workspace, sae, weights)
  return { metrics, warnings: warnings ?? [] }
}

export function discardImportedSae(params: Record<string, unknown>, workspace: Workspace): void {
  discardImport(workspace, ImportParams.parse(params))
}
