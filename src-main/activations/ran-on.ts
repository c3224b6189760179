import { z } from 'zod'
import type { ProviderChoice } from '../language-model/provider.ts'
import type { Workspace } from '../store/workspace.ts'
import type { HarvestPlan } from './harvest-plan.ts'

const Recorded = z.object({ ranOn: z.enum(['cpu', 'webgpu']), reason: z.string().nullable().default(null) })

/** Where the model of a harvest ran before it was stopped; undefined for one that has not begun. */
export function ranOn(workspace: Workspace, { sets }: HarvestPlan): ProviderChoice | undefined {
  const { data } = Recorded.safeParse(workspace.activationSets.get(sets[0].id).provenance.parameters)
  return data && { provider: data.ranOn, reason: data.reason }
}

/** Writes into the provenance of a harvest's sets where its model runs, and why not elsewhere. */
export function recordRanOn(workspace: Workspace, { sets }: HarvestPlan, where: ProviderChoice): void {
  for (const { id } of sets) {
    const { provenance } = workspace.activationSets.get(id)
    const parameters = {
      ...provenance.parameters,
      ranOn: where.provider,
      ...(where.reason !== null && { reason: where.reason }),
    }
    workspace.activationSets.update(id, { provenance: { ...provenance, parameters } })
  }
}
