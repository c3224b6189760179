import type { GreedyOrder, Walk } from '#contract/stitch.ts'
import type { Bench } from './bench.ts'
import { byNovelty } from './path.ts'
import { WalkRecord } from './walk.ts'

export interface GreedyBudget {
  /** At most so many features are added. */
  features: number
  /** The hybrid's L0 stays at or below it. */
  l0Limit: number | null
}

/** The feature of the donor that lowers the error the most and still fits; null where none lowers it. */
function bestPick(bench: Bench, l0Limit: number | null): number | null {
  const { baseCount, tokens } = bench.set
  const room = l0Limit === null ? Infinity : (l0Limit - bench.metrics().l0) * tokens
  let best: number | null = null
  let lowest = 0
  for (let k = baseCount; k < bench.candidates; k++) {
    if (bench.inHybrid[k] || bench.fires(k) > room) continue
    const delta = bench.toggleDelta(k)
    if (delta < lowest) {
      lowest = delta
      best = k
    }
  }
  return best
}

/**
 * Adds, one at a time, the feature with the best marginal effect, all before it being there (the method that the
 * stitching post asks for); then, from the base again, as many features in the order of novelty, to set beside it.
 * The bench stands at the base before and after.
 */
export async function greedyOrder(
  bench: Bench,
  maxCosine: Float32Array,
  budget: GreedyBudget,
  onPick: (done: number) => void = () => {},
): Promise<GreedyOrder> {
  const { baseCount } = bench.set
  const record = new WalkRecord()
  record.push(bench.metrics())
  const picks: number[] = []
  while (picks.length < budget.features) {
    const best = bestPick(bench, budget.l0Limit)
    if (best === null) break
    await bench.toggle([best])
    picks.push(best)
    record.push(bench.metrics())
    onPick(picks.length)
  }
  await bench.toggle(picks.toReversed())
  const inOrder = byNovelty(maxCosine).slice(0, picks.length)
  return {
    picks: Int32Array.from(picks, (k) => k - baseCount),
    walk: record.walk(),
    byCosine: { picks: Int32Array.from(inOrder), walk: await walkThrough(bench, inOrder) },
    l0Limit: budget.l0Limit,
  }
}

/** Adds features of the donor in a given order, recording every step, and takes them out again. */
async function walkThrough(bench: Bench, features: readonly number[]): Promise<Walk> {
  const toggles = features.map((j) => j + bench.set.baseCount)
  const record = new WalkRecord()
  record.push(bench.metrics())
  await bench.toggle(toggles, () => record.push(bench.metrics()))
  await bench.toggle(toggles.toReversed())
  return record.walk()
}
