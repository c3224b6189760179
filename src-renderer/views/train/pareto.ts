export interface Quality {
  l0: number
  mse: number
}

/** Indices of those that no other beats in both L0 and MSE, from sparsest to densest. */
export function paretoFront(points: readonly Quality[]): number[] {
  const order = points
    .map((_, i) => i)
    .filter((i) => Number.isFinite(points[i].l0 + points[i].mse))
    .sort((a, b) => points[a].l0 - points[b].l0 || points[a].mse - points[b].mse)
  let best = Infinity
  return order.filter((i) => {
    if (points[i].mse >= best) return false
    best = points[i].mse
    return true
  })
}
