import type { ComparisonId, StitchId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { problem } from '#contract/problem.ts'
import { readComparison } from '../compare/comparison-files.ts'
import type { Workspace } from '../store/workspace.ts'
import { greedyOrder, type GreedyBudget } from './greedy.ts'
import { forgetStepLosses } from './loss-job.ts'
import { openBench } from './open-bench.ts'
import { walkPath, type Resemblance } from './path.ts'
import { writeResult } from './stitch-file.ts'

/** Both are found on a bench of their own: the one that is being worked at stays where it is. */
interface Pair {
  stitchId: StitchId
  comparisonId: ComparisonId
}

/** @throws Problem where the comparison is not of the stitch's two SAEs, A the base and B the donor. */
function resemblanceOf(workspace: Workspace, { stitchId, comparisonId }: Pair): Resemblance {
  const stitch = workspace.stitches.get(stitchId)
  const comparison = workspace.comparisons.get(comparisonId)
  const { cosine } = readComparison(workspace.comparisonFolder(comparisonId))
  if (comparison.aId !== stitch.baseId || comparison.bId !== stitch.donorId || !cosine)
    throw problem(
      'mismatch',
      comparison.name,
      `it does not compare the base of "${stitch.name}" as A with its donor as B`,
      'Compare these two first.',
    )
  const { k, value } = cosine.bToA
  return {
    maxCosine: Float32Array.from({ length: comparison.bCount }, (_, j) => value[j * k]),
    edges: cosine.edges,
  }
}

export async function findPath(
  { threshold, ...pair }: Pair & { threshold: number },
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const resemblance = resemblanceOf(workspace, pair)
  const open = await openBench(workspace, pair.stitchId)
  try {
    const path = await walkPath(open.bench, resemblance, threshold, (done, total) => {
      control.report('walking from base to donor', done, total, 'features')
      if (control.stopAsked) control.checkpoint()
    })
    open.db.transaction(() => {
      writeResult(open.db, 'path', path)
      forgetStepLosses(open.db)
    })()
    return { id: pair.stitchId, steps: path.kind.length }
  } finally {
    await open.close()
  }
}

export async function findGreedy(
  { features, l0Limit, ...pair }: Pair & GreedyBudget,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const { maxCosine } = resemblanceOf(workspace, pair)
  const open = await openBench(workspace, pair.stitchId)
  try {
    const order = await greedyOrder(open.bench, maxCosine, { features, l0Limit }, (done) => {
      control.report('picking the best feature', done, features, 'features')
      if (control.stopAsked) control.checkpoint()
    })
    writeResult(open.db, 'greedy', order)
    return { id: pair.stitchId, features: order.picks.length }
  } finally {
    await open.close()
  }
}
