import { z } from 'zod'
import { assertNever } from '#contract/assert-never.ts'
import { ComparisonId, StitchId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { cpuOnly, type ChooseProvider } from '../language-model/provider.ts'
import { removeThing } from '../store/removal.ts'
import type { Workspace } from '../store/workspace.ts'
import { FrankensteinParams, makeFrankenstein } from './frankenstein-job.ts'
import { findGreedy, findPath } from './guided-job.ts'
import { LossParams, measureLosses } from './loss-job.ts'
import { reencode, ReencodeParams } from './reencode-job.ts'
import { prepareStitch } from './prepare.ts'

const Pair = z.object({ stitchId: StitchId, comparisonId: ComparisonId })
const Params = z.discriminatedUnion('task', [
  z.object({ task: z.literal('prepare'), stitchId: StitchId }),
  Pair.extend({ task: z.literal('path'), threshold: z.number() }),
  Pair.extend({ task: z.literal('greedy'), features: z.int(), l0Limit: z.number().nullable() }),
  FrankensteinParams.extend({ task: z.literal('frankenstein') }),
  LossParams.extend({ task: z.literal('loss') }),
  ReencodeParams.extend({ task: z.literal('reencode') }),
])
export type StitchJobParams = z.infer<typeof Params>

/** Long work around stitches: one function a task. */
export function stitchJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
  choose: ChooseProvider = cpuOnly,
): Promise<Record<string, unknown>> {
  const task = Params.parse(params)
  switch (task.task) {
    case 'prepare':
      return prepareStitch(task.stitchId, workspace, control)
    case 'path':
      return findPath(task, workspace, control)
    case 'greedy':
      return findGreedy(task, workspace, control)
    case 'frankenstein':
      return makeFrankenstein(task, workspace, control)
    case 'loss':
      return measureLosses(task, workspace, control, choose)
    case 'reencode':
      return reencode(task, workspace, control)
    default:
      return assertNever(task)
  }
}

/** A stitch whose preparation is cancelled goes; other work leaves nothing behind. */
export function discardStitch(params: Record<string, unknown>, workspace: Workspace): void {
  const task = Params.parse(params)
  if (task.task === 'prepare') removeThing(workspace, { id: task.stitchId, kind: 'stitch', name: '' })
}
