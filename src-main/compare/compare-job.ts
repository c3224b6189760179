import { z } from 'zod'
import { assertNever } from '#contract/assert-never.ts'
import { MatchBy, SparseMap } from '#contract/compare.ts'
import { ComparisonId, ReportId } from '#contract/ids.ts'
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
  // `things`: what it reads, which is not to be removed meanwhile.
  z.object({ task: z.literal('many'), reportId: ReportId, things: z.array(z.string()) }),
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
      return compareMany(task.reportId, workspace, control)
    default:
      return assertNever(task)
  }
}

/** A comparison or a report that is cancelled goes; other work leaves nothing behind. */
export function discardComparison(params: Record<string, unknown>, workspace: Workspace): void {
  const task = Params.parse(params)
  if (task.task === 'compare') removeThing(workspace, { id: task.comparisonId, kind: 'comparison', name: '' })
  if (task.task === 'many') removeThing(workspace, { id: task.reportId, kind: 'report', name: '' })
}
