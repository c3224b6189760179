import type { compare as contract } from '#contract/compare.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import { requestComparison } from '../compare/compare-request.ts'
import { readComparison } from '../compare/comparison-files.ts'
import type { CompareJobParams } from '../compare/compare-job.ts'
import type { EngineContext } from './context.ts'

export const compareHandlers = ({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> => ({
  list: () => workspace.comparisons.list(),
  get: ({ id }) => workspace.comparisons.get(id),
  create(request) {
    const { comparison, exists } = requestComparison(workspace, request)
    const { id, name } = comparison
    if (exists) return { id, job: null }
    const params: CompareJobParams = { comparisonId: id }
    return { id, job: jobs.add({ kind: 'compare', title: `Compare ${name}`, makes: id, params }).id }
  },
  arrays: ({ id }) => readComparison(workspace.comparisonFolder(workspace.comparisons.get(id).id)),
})
