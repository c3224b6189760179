export interface PlacedLabel<T> {
  item: T
  /** Where it wants to stand. */
  wanted: number
  /** Where it stands, at least a gap from its neighbours. */
  at: number
}

/**
 * Moves labels apart along one axis so that neighbours are `gap` pixels apart and all are within [low, high],
 * each as near to where it wants to be as its neighbours leave it. Clusters share the shift.
 */
export function spread<T>(
  items: { item: T; wanted: number }[],
  gap: number,
  low: number,
  high: number,
): PlacedLabel<T>[] {
  const sorted = [...items].sort((a, b) => a.wanted - b.wanted)
  const clusters: { first: number; count: number; centre: number }[] = []
  for (const [i, { wanted }] of sorted.entries()) {
    clusters.push({ first: i, count: 1, centre: wanted })
    while (clusters.length > 1) {
      const last = clusters[clusters.length - 1]
      const before = clusters[clusters.length - 2]
      const apart = last.centre - before.centre
      if (apart >= (gap * (last.count + before.count)) / 2) break
      const count = last.count + before.count
      const sum = last.centre * last.count + before.centre * before.count
      clusters.splice(-2, 2, { first: before.first, count, centre: sum / count })
    }
  }
  return clusters.flatMap(({ first, count, centre }) => {
    const half = (gap * (count - 1)) / 2
    const inside = Math.min(Math.max(centre, low + half), high - half)
    return sorted
      .slice(first, first + count)
      .map(({ item, wanted }, i) => ({ item, wanted, at: inside - half + i * gap }))
  })
}
