// A job's own thread: opens its own connection, runs one job, says how it goes and how it ended.
import { parentPort, workerData } from 'node:worker_threads'
import type { JobKind, Progress } from '#contract/job.ts'
import { problemOf, type Problem } from '#contract/problem.ts'
import { allowThreads } from '../store/allowed-threads.ts'
import { engineSettings } from '../store/engine-settings.ts'
import { openWorkspace } from '../store/workspace.ts'
import { Control, Stopped, type StopReason } from './control.ts'
import { definitionOf } from './kinds.ts'

export interface WorkerTask {
  folder: string
  kind: JobKind
  params: Record<string, unknown>
  /** One cell: 0 go on, 1 pause, 2 cancel. */
  stop: Int32Array<SharedArrayBuffer>
}
export type WorkerSaid =
  | { said: 'progress'; progress: Progress }
  | { said: 'done'; result: Record<string, unknown> }
  | { said: 'stopped'; reason: StopReason }
  | { said: 'failed'; problem: Problem }

const REASONS: readonly (StopReason | null)[] = [null, 'pause', 'cancel']

async function main(task: WorkerTask, say: (message: WorkerSaid) => void): Promise<void> {
  const workspace = openWorkspace(task.folder)
  allowThreads(engineSettings(workspace.db).threads)
  const control = new Control(
    (progress) => say({ said: 'progress', progress }),
    () => REASONS[Atomics.load(task.stop, 0)],
  )
  try {
    const definition = await definitionOf(task.kind)
    say({ said: 'done', result: await definition.run(task.params, workspace, control) })
  } catch (error) {
    if (error instanceof Stopped) say({ said: 'stopped', reason: error.reason })
    else {
      if (process.env['SUTURE_DEBUG']) console.error(error)
      say({ said: 'failed', problem: problemOf(error) })
    }
  } finally {
    workspace.close()
  }
}

if (parentPort) {
  const port = parentPort
  await main(workerData as WorkerTask, (message) => port.postMessage(message))
}
