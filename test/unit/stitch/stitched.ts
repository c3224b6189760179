import type { JobControl } from '#contract/job.ts'
import type { Stitch, StitchEdit } from '#contract/stitch.ts'
import { prepareStitch } from '../../../src-main/stitch/prepare.ts'
import { requestStitch } from '../../../src-main/stitch/stitch-request.ts'
import { saveSae } from '../../../src-main/sae/load.ts'
import type { SaeWeights } from '../../../src-main/sae/weights.ts'
import { openWorkspace } from '../../../src-main/store/workspace.ts'
import { putActivations, saeRow, temporaryFolder } from '../features/fakes.ts'

export const unstoppable: JobControl = { report: () => {}, stopAsked: false, checkpoint: () => {} }

/** A workspace with SAEs and activations, and how to stitch them. `remove` closes and removes it. */
export function stitchWorkspace(saes: readonly SaeWeights[], x: Float32Array, contextSize: number) {
  const { folder, remove } = temporaryFolder()
  const workspace = openWorkspace(folder)
  const rows = saes.map((weights, n) =>
    saveSae(
      workspace,
      saeRow(workspace, weights, { name: `SAE ${n}`, hookName: 'blocks.0.hook_resid_pre' }),
      weights,
    ),
  )
  const dIn = saes[0].dIn
  const ids = Array.from({ length: x.length / dIn }, (_, t) => t % 50)
  const activations = putActivations(workspace, { ids, contextSize, x, dIn })
  return { workspace, saes: rows, activations, remove: () => (workspace.close(), remove()) }
}
export type Stitched = ReturnType<typeof stitchWorkspace>

export async function prepared(
  { workspace, saes, activations }: Stitched,
  options: { base?: number; donor?: number; skipPosition0?: boolean; control?: JobControl } = {},
): Promise<Stitch> {
  const { base = 0, donor = 1, skipPosition0 = false, control = unstoppable } = options
  const { stitch, exists } = requestStitch(workspace, {
    baseId: saes[base].id,
    donorId: saes[donor].id,
    evaluation: { activationSetId: activations.id, tokens: 100_000, skipPosition0 },
  })
  if (!exists) await prepareStitch(stitch.id, workspace, control)
  return workspace.stitches.get(stitch.id)
}

/** An edit by feature numbers. */
export const edit = (
  donor: readonly number[],
  base: { add?: readonly number[]; remove?: readonly number[] } = {},
  title = 'an edit',
): StitchEdit => ({
  title,
  donor: { add: Int32Array.from(donor), remove: new Int32Array(0) },
  base: { add: Int32Array.from(base.add ?? []), remove: Int32Array.from(base.remove ?? []) },
})
