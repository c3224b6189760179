import { z } from 'zod'
import { StitchId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { removeThing } from '../store/removal.ts'
import type { Workspace } from '../store/workspace.ts'
import { prepareStitch } from './prepare.ts'

const Params = z.discriminatedUnion('task', [z.object({ task: z.literal('prepare'), stitchId: StitchId })])
export type StitchJobParams = z.infer<typeof Params>

/** Long work around stitches: one function a task. */
export function stitchJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const task = Params.parse(params)
  return prepareStitch(task.stitchId, workspace, control)
}

/** A stitch whose preparation is cancelled goes. */
export function discardStitch(params: Record<string, unknown>, workspace: Workspace): void {
  const task = Params.parse(params)
  removeThing(workspace, { id: task.stitchId, kind: 'stitch', name: '' })
}
