import type { SaeId } from '#contract/ids.ts'
import type { CurvePoint } from '#contract/training.ts'
import { engine } from '../../rpc.ts'

/** Points of training curves, kept and only ever added to. */
export class Curves {
  readonly #points: Record<SaeId, readonly CurvePoint[]> = {}
  /** Grows when points have come: what is drawn reads it. */
  version = $state(0)
  /** Of the call that is under way. */
  #asking: AbortSignal | null = null

  of(id: SaeId): readonly CurvePoint[] {
    void this.version
    return this.#points[id] ?? []
  }

  /** Fetches what came since the last time; a second call does nothing while one is under way that nobody aborted. */
  async refresh(ids: readonly SaeId[], signal: AbortSignal): Promise<void> {
    if (this.#asking && !this.#asking.aborted) return
    this.#asking = signal
    let hasMore = false
    try {
      await Promise.all(ids.map(async (id) => (hasMore = (await this.#more(id, signal)) || hasMore)))
    } finally {
      if (hasMore) this.version++
      if (this.#asking === signal) this.#asking = null
    }
  }

  async #more(saeId: SaeId, signal: AbortSignal): Promise<boolean> {
    const known = this.#points[saeId] ?? []
    const points = await engine.training.curve({ saeId, afterStep: known.at(-1)?.step ?? -1 }, { signal })
    // Whoever aborted may have asked anew already.
    if (signal.aborted || points.length === 0) return false
    this.#points[saeId] = [...known, ...points]
    return true
  }
}
