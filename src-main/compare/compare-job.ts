import { z } from 'zod'
import { assertNever } from '#contract/assert-never.ts'
import { ManyRequest, MatchBy, SparseMap } from '#contract/compare.ts'
import { ComparisonId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { removeThing } from '../store/removal.ts'
import type { Workspace } from '../store/workspace.ts'
import { comparePair } from './compare-pair.ts'
import { compareMany } from './many.ts'
import { findMatching, findSparseMap } from './further-jobs.ts'

const Pair = z.object({ comparisonId: ComparisonId })
const Params = z.discriminatedUnion('task', [
  Pair.extend({ task: z.literal('compare') }),
  Pair.extend({ task: z.literal('match'), by: MatchBy }),
  Pair.extend({
    task: z.literal('map'),
    kind: SparseMap.shape.kind,
    penalty: z.number(),
    candidates: z.int(),
  }),
  ManyRequest.extend({ task: z.literal('many') }),
])
export type CompareJobParams = z.infer<typeof Params>

/** Long work around comparisons: one function a task. */
export function compareJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const task = Params.parse(params)
  switch (task.task) {
    case 'compare':
      return comparePair(task.comparisonId, workspace, control)
    case 'match':
      return findMatching(task.comparisonId, task.by, workspace, control)
    case 'map':
      return findSparseMap(task.comparisonId, task, workspace, control)
    case 'many':
      return compareMany(task, workspace, control)
    default:
      return assertNever(task)
  }
}

/** A comparison that is cancelled goes; other work leaves nothing behind. */
export function discardComparison(params: Record<string, unknown>, workspace: Workspace): void {
  const task = Params.parse(params)
  if (task.task === 'compare') removeThing(workspace, { id: task.comparisonId, kind: 'comparison', name: '' })
}
