import { availableParallelism } from 'node:os'

// Said once, where the thread of a job begins (jobs/worker.ts), and true for all that is computed in it.
let allowed: number | null = null

/** Limits what this job may compute with; null lifts the limit. */
export function allowThreads(threads: number | null): void {
  allowed = threads
}

/** The limit, never more than the machine has; null where there is none. */
export const allowedThreads = (): number | null =>
  allowed === null ? null : Math.min(allowed, availableParallelism())

/** How many threads numeric work may use: the limit, else one a core. */
export const threadsToUse = (): number => allowedThreads() ?? availableParallelism()
