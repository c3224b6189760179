/** What the geometry needs of a component: parents left, children right, and the cosines between them. */
export interface SwapLike {
  key: string
  a: readonly number[]
  b: readonly number[]
  edges: readonly { a: number; b: number; cosine: number }[]
}
export interface SwapNode {
  side: 'a' | 'b'
  feature: number
  x: number
  y: number
}
export interface SwapLink {
  a: number
  b: number
  cosine: number
  /** SVG path from parent to child. */
  path: string
  /** Pixels: 1 at a cosine of 0.5 and below, 6 at 1. */
  width: number
}
export interface PlacedSwap {
  key: string
  top: number
  height: number
  nodes: SwapNode[]
  links: SwapLink[]
}

const ROW = 20
const GAP = 16

/** Every component under the other, its parents and children centred on each other. */
export function swapGraphGeometry(
  swaps: readonly SwapLike[],
  width: number,
): { placed: PlacedSwap[]; height: number; left: number; right: number } {
  const left = Math.round(width * 0.36)
  const right = Math.round(width * 0.62)
  let top = GAP / 2
  const placed = swaps.map((swap): PlacedSwap => {
    const rows = Math.max(swap.a.length, swap.b.length)
    const column = (side: 'a' | 'b', features: readonly number[], x: number): SwapNode[] =>
      features.map((feature, i) => ({
        side,
        feature,
        x,
        y: top + (i + 0.5 + (rows - features.length) / 2) * ROW,
      }))
    const parents = column('a', swap.a, left)
    const children = column('b', swap.b, right)
    const yOf = (nodes: SwapNode[]): Map<number, number> =>
      new Map(nodes.map(({ feature, y }) => [feature, y]))
    const [aY, bY] = [yOf(parents), yOf(children)]
    const middle = (left + right) / 2
    const links = swap.edges.map(({ a, b, cosine }): SwapLink => ({
      a,
      b,
      cosine,
      path: `M${left},${aY.get(a)}C${middle},${aY.get(a)} ${middle},${bY.get(b)} ${right},${bY.get(b)}`,
      width: 1 + 5 * Math.max(0, (cosine - 0.5) / 0.5),
    }))
    const height = rows * ROW
    const result = { key: swap.key, top, height, nodes: [...parents, ...children], links }
    top += height + GAP
    return result
  })
  return { placed, height: top, left, right }
}
