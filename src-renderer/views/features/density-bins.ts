import type { FeatureTable } from '#contract/feature.ts'
import { binned, type Bins } from '../../charts/histogram.ts'
import { densityOf } from '../../state/feature-order.ts'

const BINS = 40

/** Densities of all features that fire, in equal bins of their logarithm from one token in all to every token. */
export function densityBins(table: FeatureTable): Bins {
  const densities = Float64Array.from(table.count.keys(), (feature) => densityOf(table, feature))
  const least = 1 / Math.max(10, table.index.countedTokens)
  return binned(
    densities.filter((density) => density > 0),
    least,
    1,
    BINS,
    true,
  )
}
