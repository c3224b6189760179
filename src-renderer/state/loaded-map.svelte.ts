import { untrack } from 'svelte'
import { problemOf, type Problem } from '#contract/problem.ts'
import { connection } from './connection.svelte.ts'

/** A picture the engine works out while it says how far it is. */
export interface LoadedMap<T> {
  /** Of the work, 0 to 1. */
  readonly share: number
  readonly map: T | null
  readonly problem: Problem | null
  again(): void
}

/**
 * Asks for a map now, and again whenever something reactive that `ask` reads changes, or the engine comes back; what
 * is under way is then given up. Call it while a component is being set up; undefined asks nothing.
 */
export function loadMap<T>(
  ask: (signal: AbortSignal) => AsyncIterable<{ share: number; map: T | null }> | undefined,
): LoadedMap<T> {
  let share = $state(0)
  let map = $state.raw<T | null>(null)
  let problem = $state.raw<Problem | null>(null)
  let times = $state(0)

  async function follow(
    steps: AsyncIterable<{ share: number; map: T | null }>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for await (const step of steps) {
        share = step.share
        map = step.map
      }
    } catch (error) {
      if (!signal.aborted) problem = problemOf(error)
    }
  }
  $effect(() => {
    void connection.generation
    void times
    const abort = new AbortController()
    const steps = ask(abort.signal)
    if (!steps) return
    untrack(() => (problem = null))
    void follow(steps, abort.signal)
    return () => abort.abort()
  })

  return {
    get share() {
      return share
    },
    get map() {
      return map
    },
    get problem() {
      return problem
    },
    again: () => times++,
  }
}
