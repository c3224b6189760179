import { problem } from '#contract/problem.ts'
import { ReportSettings, type Report, type ReportRequest } from '#contract/report.ts'
import type { z } from 'zod'
import { version } from '../places.ts'
import type { Workspace } from '../store/workspace.ts'

/** Checks what can be known before the work. @throws Problem naming the SAE or the set. */
function check(workspace: Workspace, settings: ReportSettings): void {
  const { saeIds, baselineIds, activationSetIds } = settings
  if (new Set(saeIds).size < saeIds.length)
    throw problem('bad-input', 'the set of SAEs', 'one of them is named twice', 'Name each SAE once.')
  for (const id of saeIds) {
    const { name, complete } = workspace.saes.get(id)
    if (!complete)
      throw problem('conflict', name, 'its training has not finished', 'Wait for it, or resume it.')
  }
  const stray = baselineIds.find((id) => !saeIds.includes(id))
  if (stray !== undefined)
    throw problem(
      'bad-input',
      workspace.saes.get(stray).name,
      'it is marked as a baseline and is not one of the SAEs',
      'Name it among the SAEs too.',
    )
  for (const id of activationSetIds) {
    const { name, complete } = workspace.activationSets.get(id)
    if (!complete)
      throw problem('conflict', name, 'its harvest has not finished', 'Wait for it, or resume it.')
  }
}

/** A new row that a job is to fill. */
export function requestReport(workspace: Workspace, request: z.output<typeof ReportRequest>): Report {
  const settings = ReportSettings.parse(request)
  check(workspace, settings)
  return workspace.reports.put({
    id: workspace.reports.newId(),
    name: request.name ?? `${settings.saeIds.length} SAEs`,
    createdAt: new Date().toISOString(),
    provenance: {
      madeBy: 'compare-many',
      from: [...settings.saeIds, ...settings.activationSetIds],
      parameters: { ...settings },
      version,
    },
    settings,
    tokens: null,
    complete: false,
  })
}
