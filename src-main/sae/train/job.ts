import { rmSync } from 'node:fs'
import type { JobControl } from '#contract/job.ts'
import type { Run } from '#contract/training.ts'
import { findThing, removeThing } from '../../store/removal.ts'
import { RunPoints } from '../../store/run-points.ts'
import type { Workspace } from '../../store/workspace.ts'
import { Checkpoints } from './checkpoint.ts'
import { finishSae } from './finish.ts'
import { TrainJobParams } from './job-params.ts'
import { trainLoop } from './loop.ts'
import { findBeginning, openProbe, openSaes, type RunAtWork, type TrainingTools } from './open-run.ts'
import { openSource } from './source.ts'

/** Trains the SAEs of a run from its newest checkpoint, or from the start, and finishes them one by one. */
export async function trainJob(
  tools: TrainingTools,
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const run = workspace.runs.get(TrainJobParams.parse(params).runId)
  if (!run.complete) {
    const source = await openSource(workspace, run, tools.chooseProvider)
    try {
      await trainRun({ tools, run, workspace, control, source })
    } finally {
      await source.close()
    }
    workspace.runs.update(run.id, { complete: true })
  }
  rmSync(workspace.runFolder(run.id), { recursive: true, force: true })
  return resultOf(run, workspace)
}

/** Removes everything that a cancelled run had made. */
export function discardRun(params: Record<string, unknown>, workspace: Workspace): void {
  const { runId } = TrainJobParams.parse(params)
  const run = workspace.runs.find(runId)
  for (const id of [...(run?.saeIds ?? []), runId])
    if (workspace.saes.find(id) || (id === runId && run)) removeThing(workspace, findThing(workspace, id))
}

async function trainRun(work: RunAtWork): Promise<void> {
  const { run, workspace, control, source } = work
  const { settings } = run
  const checkpoints = new Checkpoints(workspace.runFolder(run.id))
  const points = new RunPoints(workspace.db)
  control.report('Prepare', 0, null, 'tokens')
  const from = await findBeginning(work, checkpoints)
  for (const id of run.saeIds) points.removeAfter(id, from.step)
  const ceProbe = await openProbe(work)
  const saes = await openSaes(work, from)
  try {
    await trainLoop({ settings, source, saes, from, points, checkpoints, control, ceProbe })
    for (const sae of saes) if (!workspace.saes.get(sae.saeId).complete) await finishSae(work, sae)
  } finally {
    for (const sae of saes) await sae.trainee.dispose()
    await ceProbe?.close()
  }
}

/** What the job's record keeps: every SAE with its metrics; for a single one, its id and metrics in front. */
function resultOf(run: Run, workspace: Workspace): Record<string, unknown> {
  const saes = run.saeIds.map((saeId) => {
    const { id, name, metrics } = workspace.saes.get(saeId)
    return { id, name, metrics }
  })
  const single = saes.length === 1 ? { id: saes[0].id, metrics: saes[0].metrics } : {}
  return { ...single, run: run.id, ids: run.saeIds, saes }
}
