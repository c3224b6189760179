import type { BenchOnScreen } from './bench-on-screen.svelte.ts'
import type { Origin } from './candidates.ts'

/** A feature of one of the two parents, with what the engine says of it now. */
export interface Member {
  /** Its number among the candidates. */
  candidate: number
  origin: Origin
  feature: number
  label: string
  /** Change in MSE of toggling it now. */
  change: number
  density: number
  /** Share of the hybrid's squared error that lies along it. */
  explains: number
}

/** The candidates that are in the hybrid, or those that are not. */
export function membersWhere(bench: BenchOnScreen, inHybrid: boolean): Member[] {
  const { effects, base } = bench
  const found: Member[] = []
  for (const [candidate, isIn] of effects.inHybrid.entries()) {
    if ((isIn === 1) !== inHybrid) continue
    const origin = candidate < base.count ? 'base' : 'donor'
    const feature = origin === 'base' ? candidate : candidate - base.count
    found.push({
      candidate,
      origin,
      feature,
      label: bench.parent(origin).labels.get(feature) ?? '',
      change: effects.deltaMse[candidate],
      density: effects.density[candidate],
      explains: effects.explains[candidate],
    })
  }
  return found
}
