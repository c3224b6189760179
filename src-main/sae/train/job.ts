import { rmSync } from 'node:fs'
import type { JobControl } from '#contract/job.ts'
import { problem } from '#contract/problem.ts'
import type { Run } from '#contract/training.ts'
import { findThing, removeThing } from '../../store/removal.ts'
import { RunPoints } from '../../store/run-points.ts'
import type { Workspace } from '../../store/workspace.ts'
import { initialState } from '../architectures/index.ts'
import type { Backend, BackendName } from '../backend.ts'
import { START, type BatchSource } from './batch-source.ts'
import type { CeProbe } from './ce-probe.ts'
import { openCeProbe } from './ce-text.ts'
import { Checkpoints, type SaeCheckpoint } from './checkpoint.ts'
import type { OpenEncoder } from './evaluate.ts'
import { finishSae } from './finish.ts'
import { TrainJobParams } from './job-params.ts'
import { trainLoop } from './loop.ts'
import { decideOptions, traineeConfig } from './sae-options.ts'
import { SaeInTraining } from './sae-in-training.ts'
import { openSource } from './source.ts'
import { measureStart } from './start-point.ts'

/** What the training loop does not know about: where steps and encodes run. */
export interface TrainingTools {
  backends: Partial<Record<BackendName, () => Promise<Backend>>>
  openEncoder: OpenEncoder
}

/** Trains the SAEs of a run from its newest checkpoint, or from the start, and finishes them one by one. */
export async function trainJob(
  tools: TrainingTools,
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const run = workspace.runs.get(TrainJobParams.parse(params).runId)
  if (!run.complete) {
    const source = await openSource(workspace, run.settings)
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

interface RunAtWork {
  tools: TrainingTools
  run: Run
  workspace: Workspace
  control: JobControl
  source: BatchSource
}

async function trainRun(work: RunAtWork): Promise<void> {
  const { run, workspace, control, source } = work
  const { settings } = run
  const checkpoints = new Checkpoints(workspace.runFolder(run.id))
  const points = new RunPoints(workspace.db)
  const head = checkpoints.head()
  for (const id of run.saeIds) points.removeAfter(id, head?.step ?? -1)
  control.report('Prepare', 0, null, 'tokens')
  const start = head ? null : await measureStart(source, settings)
  const inputFactor = head?.inputFactor ?? start?.inputFactor ?? 1
  const saes: SaeInTraining[] = []
  const ceProbe = settings.ceEvery > 0 ? await ceProbeOf(work) : null
  try {
    for (const index of run.saeIds.keys()) {
      const saved = head ? checkpoints.read(head, run.saeIds[index]) : null
      saes.push(await openSae(work, index, inputFactor, saved, start?.bDec))
    }
    const from = head
      ? { step: head.step, place: head.place, lastGood: head.step }
      : { step: 0, place: START, lastGood: null }
    await trainLoop({ settings, source, saes, inputFactor, from, points, checkpoints, control, ceProbe })
    for (const sae of saes) if (!workspace.saes.get(sae.saeId).complete) await finishSae(work, sae)
  } finally {
    for (const sae of saes) await sae.trainee.dispose()
    await ceProbe?.close()
  }
}

/** The probe for CE recovered; where there is none, the run notes why. */
async function ceProbeOf({ workspace, run, tools }: RunAtWork): Promise<CeProbe | null> {
  const opened = await openCeProbe(workspace, run, tools.openEncoder)
  if (opened.probe === null) workspace.runs.update(run.id, { notes: [opened.note] })
  return opened.probe
}

async function openSae(
  { run, workspace, tools }: RunAtWork,
  index: number,
  inputFactor: number,
  saved: SaeCheckpoint | null,
  bDec: Float32Array | undefined,
): Promise<SaeInTraining> {
  const { settings } = run
  const options = decideOptions(settings.saes[index], run.dIn)
  const config = traineeConfig(options, settings, run.dIn)
  const open = tools.backends[settings.backend]
  if (!open) throw problem('not-available', `backend ${settings.backend}`, 'this version does not have it')
  const backend = await open()
  const state = saved?.trainee ?? initialState(config, options.seed, bDec)
  const { batchTokens, threads } = settings
  const trainee = await backend.open(config, state, { batchTokens, threads })
  const saeId = run.saeIds[index]
  const { name } = workspace.saes.get(saeId)
  const sae = new SaeInTraining({ saeId, name, options, config, trainee, settings, inputFactor })
  if (saved) sae.restore(saved)
  return sae
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
