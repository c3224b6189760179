import { EventEmitter, on } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { JobId } from '#contract/ids.ts'
import type { Job, JobState } from '#contract/job.ts'
import { problem, type Problem } from '#contract/problem.ts'
import { entry } from '../places.ts'
import { isOver, JobTable, type NewJob } from '../store/jobs.ts'
import type { Workspace } from '../store/workspace.ts'
import { definitionOf, isBrief } from './kinds.ts'
import type { WorkerSaid, WorkerTask } from './worker.ts'

const PAUSE = 1
const CANCEL = 2
const PROGRESS_TO_DISK_MS = 1_000

/** A thread that runs a job: a Worker, as far as the queue listens to it. */
export type JobThread = Pick<Worker, 'on'>

interface Running {
  stop: Int32Array<SharedArrayBuffer>
  latest: Job
  savedAt: number
  /** The thread has said how it ended; the job may be in another by the time the thread is gone. */
  over: boolean
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

interface QueueOptions {
  atOnce?: number
  /** Run what is added or resumed here, and nothing that another process left. */
  ownJobsOnly?: boolean
  startThread?: (task: WorkerTask) => JobThread
}

/**
 * Runs jobs one after the other, each in a worker thread; every change is told to whoever watches. A brief job that
 * someone waits for (kinds.ts) does not wait for hours of other work: it has a place of its own, beside that of the others.
 */
export class JobQueue {
  readonly #workspace: Workspace
  readonly #table: JobTable
  readonly #changes = new EventEmitter().setMaxListeners(0)
  readonly #running = new Map<JobId, Running>()
  /** Jobs that use every core: one at a time is fastest. */
  readonly #atOnce: number
  /** The jobs this process may run; null for any. */
  readonly #own: Set<JobId> | null
  readonly #startThread: (task: WorkerTask) => JobThread
  #closing = false

  constructor(workspace: Workspace, { atOnce = 1, ownJobsOnly = false, startThread }: QueueOptions = {}) {
    this.#workspace = workspace
    this.#table = new JobTable(workspace.db)
    this.#atOnce = atOnce
    this.#own = ownJobsOnly ? new Set() : null
    this.#startThread = startThread ?? ((task) => new Worker(entry('job-worker'), { workerData: task }))
  }

  /** Finds jobs whose process died; where any job may run here, they go on. */
  recover(): void {
    this.#table.interrupted(isAlive)
    if (this.#own) return
    for (const job of this.#table.list()) if (job.state === 'interrupted') this.#table.queue(job.id)
    this.#next()
  }

  list(): Job[] {
    return this.#table.list().map((job) => this.#running.get(job.id)?.latest ?? job)
  }

  get(id: JobId): Job {
    return this.#running.get(id)?.latest ?? this.#table.get(id)
  }

  /** Ids of things that a job not yet over makes or is made from. */
  inUse(): Set<string> {
    const words = this.list()
      .filter((job) => !isOver(job.state))
      .flatMap((job) => [job.makes ?? '', ...JSON.stringify(job.params).split('"')])
    return new Set(words)
  }

  add(job: NewJob): Job {
    const added = this.#table.add(job)
    this.#own?.add(added.id)
    this.#changed(added.id)
    this.#next()
    return added
  }

  pause(id: JobId): void {
    const running = this.#running.get(id)
    if (running) Atomics.store(running.stop, 0, PAUSE)
    else if (this.#table.get(id).state === 'queued') this.#end(id, 'paused')
    else this.#refuse(id, 'paused')
  }

  resume(id: JobId): void {
    const { state } = this.get(id)
    if (state !== 'paused' && state !== 'interrupted' && state !== 'failed') this.#refuse(id, 'resumed')
    this.#own?.add(id)
    this.#table.queue(id)
    this.#changed(id)
    this.#next()
  }

  async cancel(id: JobId): Promise<void> {
    const running = this.#running.get(id)
    if (running) {
      Atomics.store(running.stop, 0, CANCEL)
      return
    }
    const job = this.#table.get(id)
    if (job.state === 'done' || job.state === 'cancelled') this.#refuse(id, 'cancelled')
    await this.#discard(job)
    this.#end(id, 'cancelled')
  }

  forget(id: JobId): void {
    if (!isOver(this.get(id).state)) this.#refuse(id, 'removed from the list')
    this.#table.forget(id)
  }

  /** Every change, beginning with all that are known. */
  async *watch(signal: AbortSignal): AsyncGenerator<Job, void, void> {
    const changes = on(this.#changes, 'change', { signal })
    for (const job of this.list()) yield job
    try {
      for await (const [job] of changes as AsyncIterable<[Job]>) yield job
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Resolves when the job is over, paused or interrupted. */
  settled(id: JobId): Promise<Job> {
    const settledState = (state: JobState): boolean => state !== 'queued' && state !== 'running'
    return new Promise((resolve) => {
      const look = (job: Job): void => {
        if (job.id !== id || !settledState(job.state)) return
        this.#changes.off('change', look)
        resolve(job)
      }
      this.#changes.on('change', look)
      look(this.get(id))
    })
  }

  /** Calls back at every change; returns what ends it. */
  onChange(listener: (job: Job) => void): () => void {
    this.#changes.on('change', listener)
    return () => this.#changes.off('change', listener)
  }

  /** Stops what runs at its next durable point, to go on at the next start; queued jobs stay queued. */
  async close(): Promise<void> {
    this.#closing = true
    const running = [...this.#running.keys()]
    for (const id of running) this.pause(id)
    const settled = await Promise.all(running.map((id) => this.settled(id)))
    for (const job of settled) if (job.state === 'paused') this.#table.end(job.id, 'interrupted')
  }

  #refuse(id: JobId, verb: string): never {
    throw problem('conflict', id, `a job that is ${this.get(id).state} cannot be ${verb}`)
  }

  #changed(id: JobId): void {
    this.#changes.emit('change', this.get(id))
  }

  #end(
    id: JobId,
    state: JobState,
    outcome: { result?: Record<string, unknown>; problem?: Problem } = {},
  ): void {
    const latest = this.#running.get(id)?.latest.progress
    this.#running.delete(id)
    if (latest) this.#table.progress(id, latest)
    this.#table.end(id, state, outcome)
    this.#changed(id)
  }

  async #discard(job: Job): Promise<void> {
    await (await definitionOf(job.kind)).discard?.(job.params, this.#workspace)
  }

  #next(): void {
    if (this.#closing) return
    for (const job of this.#table.list()) {
      const mine = this.#own === null || this.#own.has(job.id)
      if (!mine || job.state !== 'queued' || this.#isFull(isBrief(job))) continue
      if (this.#table.start(job.id, process.pid)) this.#start(this.#table.get(job.id))
    }
  }

  /** Whether as many brief jobs, or as many others, run as may at once. */
  #isFull(brief: boolean): boolean {
    const alike = [...this.#running.values()].filter(({ latest }) => isBrief(latest) === brief)
    return alike.length >= (brief ? 1 : this.#atOnce)
  }

  #start(job: Job): void {
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const task: WorkerTask = { folder: this.#workspace.folder, kind: job.kind, params: job.params, stop }
    const worker = this.#startThread(task)
    const running: Running = { stop, latest: job, savedAt: performance.now(), over: false }
    this.#running.set(job.id, running)
    this.#changed(job.id)
    worker.on('message', (message: WorkerSaid) => void this.#heard(job, running, message))
    worker.on('error', (error) => {
      running.over = true
      this.#fail(job.id, error)
    })
    worker.on('exit', () => {
      if (!running.over) this.#fail(job.id, new Error('its thread ended without a word'))
      this.#next()
    })
  }

  #fail(id: JobId, error: Error): void {
    this.#end(id, 'failed', {
      problem: {
        code: 'internal',
        subject: 'job',
        message: error.message,
        next: 'Resume it, or report this.',
      },
    })
  }

  async #heard(job: Job, running: Running, message: WorkerSaid): Promise<void> {
    running.over = message.said !== 'progress'
    switch (message.said) {
      case 'progress': {
        running.latest = { ...running.latest, progress: message.progress }
        const now = performance.now()
        if (now - running.savedAt > PROGRESS_TO_DISK_MS) {
          running.savedAt = now
          this.#table.progress(job.id, message.progress)
        }
        return void this.#changes.emit('change', running.latest)
      }
      case 'done':
        return this.#end(job.id, 'done', { result: message.result })
      case 'failed':
        return this.#end(job.id, 'failed', { problem: message.problem })
      case 'stopped':
        if (message.reason === 'cancel') await this.#discard(job)
        return this.#end(job.id, message.reason === 'cancel' ? 'cancelled' : 'paused')
    }
  }
}
