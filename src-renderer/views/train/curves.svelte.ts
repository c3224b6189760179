import type { SaeId } from '#contract/ids.ts'
import type { CurvePoint } from '#contract/training.ts'
import { engine } from '../../rpc.ts'

/** Points of training curves, kept and only ever added to. */
export class Curves {
  readonly #points: Record<SaeId, readonly CurvePoint[]> = {}
  /** Grows when points have come: what is drawn reads it. */
  version = $state(0)
  #asking = false

  of(id: SaeId): readonly CurvePoint[] {
    void this.version
    return this.#points[id] ?? []
  }

  /** Fetches what came since the last time; a second call while one is under way does nothing. */
  async refresh(ids: readonly SaeId[], signal: AbortSignal): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    try {
      const added = await Promise.all(ids.map((id) => this.#more(id, signal)))
      if (added.some(Boolean)) this.version++
    } finally {
      this.#asking = false
    }
  }

  async #more(saeId: SaeId, signal: AbortSignal): Promise<boolean> {
    const known = this.#points[saeId] ?? []
    const points = await engine.training.curve({ saeId, afterStep: known.at(-1)?.step ?? -1 }, { signal })
    if (points.length === 0) return false
    this.#points[saeId] = [...known, ...points]
    return true
  }
}
