import { SvelteMap } from 'svelte/reactivity'
import type { JobId } from '#contract/ids.ts'
import type { Job, JobState } from '#contract/job.ts'
import { ProblemError } from '#contract/problem.ts'
import { engine, onEngineStatus } from '../rpc.ts'
import { attempt } from './notices.svelte.ts'

/** Still to be watched: waiting, running, or able to go on. */
export const isOpen = (state: JobState): boolean =>
  ['queued', 'running', 'paused', 'interrupted'].includes(state)
export const isMoving = (state: JobState): boolean => state === 'queued' || state === 'running'

type Listener = (job: Job, before: Job | undefined) => void

/** Every job of the workspace, live. */
class Jobs {
  readonly #byId = new SvelteMap<JobId, Job>()
  readonly #listeners = new Set<Listener>()
  #watching = new AbortController()

  /** Newest first. */
  readonly list = $derived([...this.#byId.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt)))
  readonly open = $derived(this.list.filter((job) => isOpen(job.state)))
  readonly moving = $derived(this.list.filter((job) => isMoving(job.state)))

  /** Watches the engine's jobs, anew whenever the engine comes back. */
  start(): void {
    onEngineStatus((status) => {
      this.#watching.abort()
      if (status === 'ready') void this.#watch((this.#watching = new AbortController()).signal)
    })
  }

  get(id: string): Job | undefined {
    return this.#byId.get(id as JobId)
  }

  /** The job that makes a thing and is not over yet. */
  making(thingId: string): Job | undefined {
    return this.open.find((job) => job.makes === thingId || JSON.stringify(job.params).includes(thingId))
  }

  /** Calls back at every change, with the job as it was before; returns what ends it. */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Waits until a job is done. @throws its Problem when it failed, or that it was stopped. */
  settled(id: JobId): Promise<Job> {
    return new Promise((resolve, reject) => {
      const look = (job: Job): void => {
        if (job.id !== id || isMoving(job.state)) return
        this.#listeners.delete(look)
        if (job.state === 'done') resolve(job)
        else
          reject(
            new ProblemError(
              job.problem ?? { code: 'stopped', subject: job.title, message: `it is ${job.state}` },
            ),
          )
      }
      this.#listeners.add(look)
      void engine.jobs.get({ id }).then(look, reject)
    })
  }

  pause = (id: JobId): Promise<boolean> => attempt(() => engine.jobs.pause({ id }))
  resume = (id: JobId): Promise<boolean> => attempt(() => engine.jobs.resume({ id }))
  cancel = (id: JobId): Promise<boolean> => attempt(() => engine.jobs.cancel({ id }))
  forget = (id: JobId): Promise<boolean> =>
    attempt(async () => {
      await engine.jobs.forget({ id })
      this.#byId.delete(id)
    })

  async #watch(signal: AbortSignal): Promise<void> {
    try {
      const known = await engine.jobs.list({}, { signal })
      for (const id of [...this.#byId.keys()]) if (!known.some((job) => job.id === id)) this.#byId.delete(id)
      for await (const job of engine.jobs.watch({}, { signal })) {
        const before = this.#byId.get(job.id)
        this.#byId.set(job.id, job)
        for (const listener of this.#listeners) listener(job, before)
      }
    } catch {
      // The connection went away; the next one watches again.
    }
  }
}
export const jobs = new Jobs()
