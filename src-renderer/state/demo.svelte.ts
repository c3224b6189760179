import { DEMO_STAGES, type DemoState as Answer } from '#contract/demo.ts'
import type { Job } from '#contract/job.ts'
import { problemOf } from '#contract/problem.ts'
import { engine, onEngineStatus } from '../rpc.ts'
import { isOpen, jobs } from './jobs.svelte.ts'
import { attempt, notices } from './notices.svelte.ts'
import { things } from './things.svelte.ts'

/** The Demo workspace: how far its preparation is, and what of it is there. */
class DemoState {
  value = $state.raw<Answer | null>(null)
  asking = $state(false)
  #asked = 0

  /** The preparation, while it runs, waits or has failed. */
  readonly job = $derived(
    jobs.list.find(({ kind, state }) => kind === 'demo' && (isOpen(state) || state === 'failed')),
  )
  /** All of it was made, and none of it was deleted since. */
  readonly isWhole = $derived(
    this.value?.complete === true &&
      this.value.saeIds.every((id) => things.saes.some((sae) => sae.id === id)) &&
      things.comparisons.some(({ id }) => id === this.value?.comparisonId),
  )
  /** The number of the stage that runs, from 0. */
  readonly stage = $derived(Math.min(this.value?.stage ?? 0, DEMO_STAGES.length - 1))

  /** Follows the engine and the preparation's job. */
  start(): void {
    onEngineStatus((status) => {
      if (status === 'ready') void this.#read()
    })
    jobs.onChange((job, before) => {
      if (job.kind === 'demo' && movedOn(job, before)) void this.#read().then(() => things.changed())
    })
  }

  /** @param anew replaces one that was made with an earlier demo model */
  async prepare(anew = false): Promise<void> {
    this.asking = true
    await attempt(() => engine.demo.prepare({ anew }))
    this.asking = false
  }

  async #read(): Promise<void> {
    const asked = ++this.#asked
    try {
      const value = await engine.demo.state({})
      if (asked === this.#asked) this.value = value
    } catch (error) {
      if (problemOf(error).code !== 'closed') notices.failed(error)
    }
  }
}
export const demo = new DemoState()

/** Whether something may have been made: another stage, or another thing within it, whose progress begins anew. */
function movedOn(job: Job, before: Job | undefined): boolean {
  const [now, then] = [job.progress, before?.progress]
  if (job.state !== before?.state || now?.doing !== then?.doing) return true
  return now?.total !== then?.total || (now?.done ?? 0) < (then?.done ?? 0)
}
