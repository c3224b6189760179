import { jobs } from './jobs.svelte.ts'
import { percent } from '#figures/number.ts'

/** Of a thing that is not finished: how far its job is, in a word or two. */
export function stateOf(id: string): string {
  const job = jobs.making(id)
  if (!job) return 'unfinished'
  const { progress, state } = job
  if (state !== 'running' || !progress?.total) return state
  return percent(progress.done / progress.total, 2)
}
