import { binned, type Bins } from '../../charts/histogram.ts'
import { edgesAbove, type CosineEdges, type SwapComponents } from '#contract/swap-graph.ts'

/** One component of the swap graph as it is drawn: parents of A, children of B, and the cosines that join them. */
export interface Swap {
  /** Stays the same while the threshold moves, as long as its first parent does. */
  key: string
  a: number[]
  b: number[]
  edges: { a: number; b: number; cosine: number }[]
  maxCosine: number
}
export type SwapOrder = 'size' | 'cosine' | 'splits'

const sizeOf = ({ aStart, bStart }: SwapComponents, c: number): number =>
  aStart[c + 1] - aStart[c] + bStart[c + 1] - bStart[c]
const isSplit = ({ aStart, bStart }: SwapComponents, c: number): boolean =>
  aStart[c + 1] - aStart[c] === 1 && bStart[c + 1] - bStart[c] > 1

/** Most bins of the histogram of sizes: larger components are counted together. */
const MOST_BINS = 24

/** How many components have 2, 3, … features, both SAEs together. */
export function sizesOf(components: SwapComponents): { bins: Bins; total: number } {
  const sizes = Array.from({ length: components.count }, (_, c) => sizeOf(components, c))
  const most = sizes.reduce((high, size) => Math.max(high, size), 3)
  const wide = Math.ceil((most - 1) / MOST_BINS)
  const bins = Math.ceil((most - 1) / wide)
  return { bins: binned(sizes, 1.5, 1.5 + bins * wide, bins), total: components.count }
}

/** Component numbers in the order in which they are shown; components come sorted by their largest cosine. */
export function orderOf(components: SwapComponents, order: SwapOrder): number[] {
  const all = Array.from({ length: components.count }, (_, c) => c)
  switch (order) {
    case 'cosine':
      return all
    case 'size':
      return all.sort((x, y) => sizeOf(components, y) - sizeOf(components, x))
    case 'splits':
      return all.sort(
        (x, y) =>
          Number(isSplit(components, y)) - Number(isSplit(components, x)) ||
          sizeOf(components, y) - sizeOf(components, x),
      )
  }
}

/** The chosen components with their edges above the threshold; children in the order of their parents. */
export function swapsOf(
  edges: CosineEdges,
  components: SwapComponents,
  chosen: readonly number[],
  threshold: number,
): Swap[] {
  const swaps = chosen.map((c): Swap => {
    const a = [...components.aFeature.subarray(components.aStart[c], components.aStart[c + 1])]
    const b = [...components.bFeature.subarray(components.bStart[c], components.bStart[c + 1])]
    return { key: `${a[0]}`, a, b, edges: [], maxCosine: components.maxCosine[c] }
  })
  const swapOf = new Map(swaps.flatMap((swap) => swap.a.map((feature) => [feature, swap] as const)))
  const above = edgesAbove(edges, threshold)
  for (let e = 0; e < above; e++)
    swapOf.get(edges.a[e])?.edges.push({ a: edges.a[e], b: edges.b[e], cosine: edges.cosine[e] })
  for (const swap of swaps) swap.b.sort((x, y) => parentOf(swap, x) - parentOf(swap, y))
  return swaps
}

/** Mean place of a child's parents: children stand near them, so that lines cross little. */
function parentOf({ a, edges }: Swap, child: number): number {
  const places = edges.filter((edge) => edge.b === child).map((edge) => a.indexOf(edge.a))
  return places.reduce((sum, place) => sum + place, 0) / Math.max(1, places.length)
}
