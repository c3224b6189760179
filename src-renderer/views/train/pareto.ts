/** What an SAE costs, and what it is worth: by its error, or by a score of which more is better. */
export interface Quality {
  l0: number
  value: number
}
export type Better = 'less' | 'more'

/** Indices of those that no other beats in both sparsity and quality, from sparsest to densest. */
export function paretoFront(points: readonly Quality[], better: Better = 'less'): number[] {
  const worse = (i: number): number => (better === 'less' ? points[i].value : -points[i].value)
  const order = points
    .map((_, i) => i)
    .filter((i) => Number.isFinite(points[i].l0 + points[i].value))
    .sort((a, b) => points[a].l0 - points[b].l0 || worse(a) - worse(b))
  let best = Infinity
  return order.filter((i) => {
    if (worse(i) >= best) return false
    best = worse(i)
    return true
  })
}
