import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { JobKind } from '#contract/job.ts'
import { ProblemError } from '#contract/problem.ts'
import { entry } from '../places.ts'
import type { WorkerSaid, WorkerTask } from './worker.ts'

const underWay = new Set<Worker>()

/** Resolves when nothing is being run any more: a process that ends before would break off native code midway. */
export async function nothingRunsNow(): Promise<void> {
  await Promise.all([...underWay].map((worker) => once(worker, 'exit')))
}

/**
 * Runs what a kind of job does in a thread of its own, at once and without a place in the queue: for work that takes
 * seconds and that someone waits for, while a job that takes hours goes on.
 */
export function runNow(
  folder: string,
  kind: JobKind,
  params: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const task: WorkerTask = { folder, kind, params, stop }
  const worker = new Worker(entry('job-worker'), { workerData: task })
  underWay.add(worker)
  worker.once('exit', () => underWay.delete(worker))
  return new Promise((resolve, reject) => {
    worker.on('message', (message: WorkerSaid) => {
      if (message.said === 'done') resolve(message.result)
      if (message.said === 'failed') reject(new ProblemError(message.problem))
    })
    worker.on('error', reject)
    worker.on('exit', () => reject(new Error('its thread ended without a word')))
  })
}
