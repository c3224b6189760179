import type { SaeId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { problemOf, sentence } from '#contract/problem.ts'
import type { Run } from '#contract/training.ts'
import type { ChooseProvider } from '../../language-model/provider.ts'
import type { Workspace } from '../../store/workspace.ts'
import { initialState } from '../architectures/index.ts'
import type { Backend, BackendName } from '../backend.ts'
import { START, type BatchSource, type Place } from './batch-source.ts'
import type { CeProbe } from './ce-probe.ts'
import { openCeProbe } from './ce-text.ts'
import type { Checkpoints, SaeCheckpoint } from './checkpoint.ts'
import type { OpenEncoder } from './evaluate.ts'
import { decideOptions, traineeConfig } from './sae-options.ts'
import { note } from './run-note.ts'
import { SaeInTraining } from './sae-in-training.ts'
import { measureStart } from './start-point.ts'

interface Choice {
  backend: Backend
  /** Why no other one was taken, a sentence each. */
  reasons: string[]
}

/** What the training loop does not know about: where steps and encodes run. */
export interface TrainingTools {
  /** Opening a backend says, as a Problem, why this machine cannot have it. */
  backends: Record<BackendName, (severalSaes: boolean) => Promise<Backend>>
  /** The best there is on this machine. */
  chooseBackend(severalSaes: boolean): Promise<Choice>
  openEncoder: OpenEncoder
  /** What this machine has for a language model. */
  chooseProvider: ChooseProvider
}

export interface RunAtWork {
  tools: TrainingTools
  run: Run
  workspace: Workspace
  control: JobControl
  source: BatchSource
}

/** Where a run begins, or goes on. */
export interface Beginning {
  /** Steps taken. */
  step: number
  /** Where the next batch is. */
  place: Place
  /** Step of the checkpoint it comes from; null at the very start. */
  lastGood: number | null
  /** Activations are multiplied by this. */
  inputFactor: number
  /** [d] start of b_dec; only at the very start. */
  bDec?: Float32Array
  saved(saeId: SaeId): SaeCheckpoint | null
}

/** The newest checkpoint, or what is measured before the first step. */
export async function findBeginning(
  { run, source }: RunAtWork,
  checkpoints: Checkpoints,
): Promise<Beginning> {
  const head = checkpoints.head()
  if (head) return { ...head, lastGood: head.step, saved: (saeId) => checkpoints.read(head, saeId) }
  const measured = await measureStart(source, run.settings)
  return { step: 0, place: START, lastGood: null, ...measured, saved: () => null }
}

/** The SAEs of a run in its backend, in order. */
export async function openSaes(work: RunAtWork, beginning: Beginning): Promise<SaeInTraining[]> {
  const backend = await openBackend(work)
  const saes: SaeInTraining[] = []
  for (const index of work.run.saeIds.keys()) saes.push(await openSae(work, backend, index, beginning))
  return saes
}

async function openSae(
  { run, workspace }: RunAtWork,
  backend: Backend,
  index: number,
  { saved, inputFactor, bDec }: Beginning,
): Promise<SaeInTraining> {
  const { settings } = run
  const saeId = run.saeIds[index]
  const options = decideOptions(settings.saes[index], run.dIn)
  const config = traineeConfig(options, settings, run.dIn)
  const checkpoint = saved(saeId)
  const state = checkpoint?.trainee ?? initialState(config, options.seed, bDec)
  const { batchTokens, threads } = settings
  const trainee = await backend.open(config, state, { batchTokens, threads })
  const { name } = workspace.saes.get(saeId)
  const sae = new SaeInTraining({ saeId, name, options, config, trainee, settings, inputFactor })
  if (checkpoint) sae.restore(checkpoint)
  return sae
}

/**
 * The backend the run asks for, or the best there is. What is taken is written into the run, so that it goes on with
 * the same numbers; where a better one cannot be had, the run notes why.
 */
async function openBackend({ tools, run, workspace }: RunAtWork): Promise<Backend> {
  const { backend: wanted } = run.settings
  const several = run.saeIds.length > 1
  const { backend, reasons } = wanted
    ? await openOrCpu(tools, wanted, several)
    : await tools.chooseBackend(several)
  const taken = `Trained on the ${backend.name}: no better backend can be used here.`
  if (reasons.length > 0) note(workspace, run, [taken, ...reasons].join(' '))
  if (backend.name !== wanted)
    workspace.runs.update(run.id, { settings: { ...run.settings, backend: backend.name } })
  return backend
}

async function openOrCpu(tools: TrainingTools, wanted: BackendName, several: boolean): Promise<Choice> {
  try {
    return { backend: await tools.backends[wanted](several), reasons: [] }
  } catch (error) {
    if (wanted === 'cpu') throw error
    return { backend: await tools.backends.cpu(several), reasons: [sentence(problemOf(error))] }
  }
}

/** The probe for CE recovered where it is asked for; where there can be none, the run notes why. */
export async function openProbe({ workspace, run, tools }: RunAtWork): Promise<CeProbe | null> {
  if (run.settings.ceEvery === 0) return null
  const opened = await openCeProbe(workspace, run, tools)
  if (opened.probe === null) note(workspace, run, opened.note)
  return opened.probe
}
