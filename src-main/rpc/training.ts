import type { RoomHandlers } from '#contract/rpc.ts'
import type { Run, RunSummary, training as contract } from '#contract/training.ts'
import { trainJobParams } from '../sae/train/job-params.ts'
import { createRun, settingsFor } from '../sae/train/start.ts'
import { RunPoints } from '../store/run-points.ts'
import type { EngineContext } from './context.ts'

export function trainingHandlers({ workspace, jobs }: EngineContext): RoomHandlers<typeof contract> {
  const points = new RunPoints(workspace.db)

  function summary(run: Run): RunSummary {
    const job = jobs.list().findLast(({ makes }) => makes === run.id)
    const saes = run.saeIds.flatMap((saeId, i) => {
      const sae = workspace.saes.find(saeId)
      if (!sae) return []
      const { name, architecture, metrics } = sae
      return [{ saeId, name, architecture, spec: run.settings.saes[i], point: points.last(saeId), metrics }]
    })
    return { run, job: job ? { id: job.id, state: job.state } : null, saes }
  }

  return {
    start: (request) => {
      const run = createRun(workspace, request)
      const params = trainJobParams(run)
      const job = jobs.add({ kind: 'train', title: `Train ${run.name}`, makes: run.id, params })
      return { job: job.id, run: run.id, ids: run.saeIds }
    },
    settings: (request) => settingsFor(workspace, request).settings,
    runs: () => workspace.runs.list().reverse().map(summary),
    run: ({ id }) => summary(workspace.runs.get(id)),
    curve: ({ saeId, afterStep, limit }) => points.after(saeId, afterStep, limit),
  }
}
