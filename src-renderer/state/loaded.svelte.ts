import { untrack } from 'svelte'
import { problemOf, type Problem } from '#contract/problem.ts'
import { connection } from './connection.svelte.ts'

/** An answer of the engine and how it is getting on. The last value stays while a newer one is on its way. */
export interface Loaded<T> {
  readonly value: T | undefined
  readonly loading: boolean
  /** It has been loading for so long that a person waits. */
  readonly late: boolean
  readonly problem: Problem | null
  again(): void
}

const LATE_MS = 150

/**
 * Asks now, and again whenever something reactive that `ask` reads before its first await changes, or the engine comes
 * back. An older answer never replaces a newer one. Call it while a component is being set up; undefined asks nothing.
 */
export function load<T>(ask: (signal: AbortSignal) => Promise<T> | undefined): Loaded<T> {
  let value = $state.raw<T>()
  let loading = $state(false)
  let late = $state(false)
  let problem = $state.raw<Problem | null>(null)
  let times = $state(0)

  $effect(() => {
    void connection.generation
    void times
    const abort = new AbortController()
    const asked = ask(abort.signal)
    if (!asked) return
    untrack(() => (loading = true))
    const timer = setTimeout(() => (late = true), LATE_MS)
    asked
      .then((answer) => {
        if (abort.signal.aborted) return
        value = answer
        problem = null
      })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) problem = problemOf(error)
      })
      .finally(() => {
        clearTimeout(timer)
        if (!abort.signal.aborted) loading = late = false
      })
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  })

  return {
    get value() {
      return value
    },
    get loading() {
      return loading
    },
    get late() {
      return late
    },
    get problem() {
      return problem
    },
    again: () => times++,
  }
}
