import type { reports as contract } from '#contract/report.ts'
import { problem } from '#contract/problem.ts'
import type { RoomHandlers } from '#contract/rpc.ts'
import type { CompareJobParams } from '../compare/compare-job.ts'
import { readReport } from '../compare/report-parts.ts'
import { requestReport } from '../compare/report-request.ts'
import { reportFiles } from '../compare/report/report-files.ts'
import type { EngineContext } from './context.ts'

export function reportHandlers({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> {
  const numbersOf = (id: Parameters<typeof workspace.reports.get>[0]) => {
    const { name, complete } = workspace.reports.get(id)
    const numbers = complete ? readReport(workspace.reportFolder(id)) : null
    if (!numbers) throw problem('conflict', name, 'it is not finished', 'Wait for its job, or resume it.')
    return numbers
  }
  return {
    list: () => workspace.reports.list(),
    get: ({ id }) => workspace.reports.get(id),
    create(request) {
      const { id, name, provenance } = requestReport(workspace, request)
      const params: CompareJobParams = { task: 'many', reportId: id, things: provenance.from }
      return { id, job: jobs.add({ kind: 'compare', title: `Report ${name}`, makes: id, params }).id }
    },
    numbers: ({ id }) => numbersOf(id),
    files: ({ id }) => reportFiles(workspace.reports.get(id), numbersOf(id)),
  }
}
