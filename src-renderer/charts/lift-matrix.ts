/** Largest lift that is told apart by its colour, either way: 16 times as often, or as seldom, as by chance. */
const STRONGEST = 4

/** How strongly a lift is coloured: −1 (never together) … 0 (by chance) … 1; NaN where it is not known. */
export const liftStrength = (lift: number): number =>
  lift === 0 ? -1 : Math.max(-1, Math.min(1, Math.log2(lift) / STRONGEST))

export interface LiftReading {
  kind: 'alternatives' | 'subspace' | 'between' | 'unknown'
  /** Median over the pairs that are known. */
  median: number
  pairs: number
}

/** Alternatives fire together far less than chance, a subspace far more; the median of the pairs decides. */
export function readLift(lift: ArrayLike<number>, n: number): LiftReading {
  const pairs: number[] = []
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) if (!Number.isNaN(lift[i * n + j])) pairs.push(lift[i * n + j])
  if (pairs.length === 0) return { kind: 'unknown', median: NaN, pairs: 0 }
  pairs.sort((x, y) => x - y)
  const middle = pairs.length >> 1
  const median = pairs.length % 2 ? pairs[middle] : (pairs[middle - 1] + pairs[middle]) / 2
  const kind = median <= 0.5 ? 'alternatives' : median >= 2 ? 'subspace' : 'between'
  return { kind, median, pairs: pairs.length }
}
