import { z } from 'zod'

/** λ changes by at most a factor e in 1/15 of a run, and by 1 % per step, so that L0 can follow. */
const PARTS = 15
const LARGEST_STEP = 0.01
/** Weight of the newest step in the running mean of L0. */
const NEWEST = 0.05

export const SparsityState = z.object({ weight: z.number(), l0: z.number().nullable() })
export type SparsityState = z.infer<typeof SparsityState>

/** Moves λ until the wanted number of features fires per token: up when more do, down when fewer. */
export class SparsityControl {
  state: SparsityState
  readonly #targetL0: number | null
  readonly #step: number
  /** @param steps of the whole run */
  constructor(weight: number, targetL0: number | null, steps: number) {
    this.state = { weight, l0: null }
    this.#targetL0 = targetL0
    this.#step = Math.min(LARGEST_STEP, PARTS / steps)
  }

  /** λ now, at full strength. */
  get weight(): number {
    return this.state.weight
  }

  /** @param settled whether the warm-up of λ is over: before, L0 says nothing of λ's full strength */
  observe(l0: number, settled: boolean): void {
    if (this.#targetL0 === null) return
    const mean = this.state.l0 === null ? l0 : (1 - NEWEST) * this.state.l0 + NEWEST * l0
    const excess = Math.max(-1, Math.min(1, mean / this.#targetL0 - 1))
    this.state = {
      l0: mean,
      weight: settled ? this.state.weight * Math.exp(this.#step * excess) : this.state.weight,
    }
  }
}
