import type { JobId, StitchId } from '#contract/ids.ts'
import { problemOf, type Problem } from '#contract/problem.ts'
import type { SplicedLosses } from '#contract/stitch.ts'
import { engine } from '../../rpc.ts'
import { jobs } from '../../state/jobs.svelte.ts'

/** So long an edit must stand before its loss is measured: who drops one feature after another waits for none. */
const AFTER_MS = 350

/** The next-token loss of a bench's hybrids, measured by a job a moment after each edit. */
export class LossMeter {
  readonly #id: StitchId
  losses = $state.raw<SplicedLosses | null>(null)
  problem = $state.raw<Problem | null>(null)
  /** Asked for and not answered yet. */
  measuring = $state(false)
  #job = $state<JobId | null>(null)
  /** Other jobs are before it. */
  readonly waiting = $derived(this.#job !== null && jobs.get(this.#job)?.state === 'queued')

  constructor(id: StitchId) {
    this.#id = id
  }

  at(point: number): number | undefined {
    return this.losses?.points.find((one) => one.point === point)?.loss
  }
  atStep(step: number): number | undefined {
    return this.losses?.steps.find((one) => one.step === step)?.loss
  }

  async read(): Promise<void> {
    this.losses = await engine.stitch.losses({ id: this.#id })
  }

  /** Measures the base and a point soon, unless what this returns is called first: the next edit came, or the bench went. */
  measureSoon(point: number, rows: number): () => void {
    let left = false
    this.measuring = true
    const timer = setTimeout(() => void this.#measure(point, rows, () => left), AFTER_MS)
    return () => {
      left = true
      clearTimeout(timer)
      this.measuring = false
      const job = this.#job
      this.#job = null
      if (job) void engine.jobs.cancel({ id: job }).catch(() => {}) // it may be over already
    }
  }

  async #measure(point: number, rows: number, left: () => boolean): Promise<void> {
    try {
      const { job } = await engine.stitch.measureLoss({ id: this.#id, points: [0, point], rows, quiet: true })
      if (left()) {
        await engine.jobs.cancel({ id: job })
        return
      }
      this.#job = job
      await jobs.settled(job)
      await this.read()
      this.problem = null
      await engine.jobs.forget({ id: job })
    } catch (error) {
      if (!left()) this.problem = problemOf(error)
    } finally {
      if (!left()) {
        this.measuring = false
        this.#job = null
      }
    }
  }
}
