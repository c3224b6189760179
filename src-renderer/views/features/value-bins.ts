import { binned, type Bins } from '../../charts/histogram.ts'
import { valueOf, type FeatureStatistics, type NumberColumn } from '../../state/feature-order.ts'

const BINS = 40
/** Values that span more than this are drawn on a logarithmic axis. */
const WIDE = 100

export interface ValueBins {
  bins: Bins
  logX: boolean
}

/** From where to where a column is drawn. Densities always from one token in all to every token; cosines end at 1. */
function extent(
  values: Float64Array,
  column: NumberColumn,
  countedTokens: number,
): { from: number; to: number; logX: boolean } {
  if (column === 'density') return { from: 1 / Math.max(10, countedTokens), to: 1, logX: true }
  let [from, to] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < from) from = value
    if (value > to) to = value
  }
  if (column === 'maxcos' || column === 'cosine' || column === 'dimensionality')
    return { from: Math.min(0, from), to: 1, logX: false }
  if (from > 0 && to / from > WIDE) return { from, to, logX: true }
  // All the same (decoder norms often are): a bar in the middle instead of no width at all.
  return from === to
    ? { from: from / 2, to: from * 1.5, logX: false }
    : { from: Math.min(0, from), to, logX: false }
}

/** A column's values of all features that fire, in equal bins; undefined where there is none. */
export function valueBins(table: FeatureStatistics, column: NumberColumn): ValueBins | undefined {
  const value = valueOf(table, column)
  const values = Float64Array.from(table.count.keys(), (feature) =>
    table.count[feature] > 0 ? value(feature) : NaN,
  )
  const finite = values.filter(Number.isFinite)
  if (finite.length === 0) return undefined
  const { from, to, logX } = extent(finite, column, table.index.countedTokens)
  return { bins: binned(finite, from, to, BINS, logX), logX }
}
