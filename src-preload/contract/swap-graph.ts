// The graph of decoder cosines between two SAEs and its connected components, the candidate swaps. Pure, and the same
// on both sides: a threshold that is being dragged is followed in the window, from edges sent once.

/** Edge e joins feature a[e] of A and feature b[e] of B. Sorted by cosine, largest first. */
export interface CosineEdges {
  a: Int32Array
  b: Int32Array
  cosine: Float32Array
}

/** Parents (of A) by children (of B): 1-1, 1-n, n-1, n-m. */
export type ComponentShape = '1-1' | '1-n' | 'n-1' | 'n-m'

/** Connected components with at least one edge, in the order of their strongest edge. */
export interface SwapComponents {
  count: number
  /** Features of A in component c: aFeature[aStart[c]] … aFeature[aStart[c + 1] − 1], ascending. */
  aStart: Int32Array
  aFeature: Int32Array
  bStart: Int32Array
  bFeature: Int32Array
  /** [count] the largest cosine in the component. */
  maxCosine: Float32Array
  shapes: Record<ComponentShape, number>
}

/** How many edges lie above the threshold: they come first. */
export function edgesAbove(edges: CosineEdges, threshold: number): number {
  let low = 0
  let high = edges.cosine.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (edges.cosine[middle] > threshold) low = middle + 1
    else high = middle
  }
  return low
}

/** Nodes 0 … aCount − 1 are features of A, the rest features of B. */
class Union {
  readonly parent: Int32Array
  constructor(nodes: number) {
    this.parent = Int32Array.from({ length: nodes }, (_, i) => i)
  }
  find(node: number): number {
    const { parent } = this
    while (parent[node] !== node) node = parent[node] = parent[parent[node]]
    return node
  }
  /** False where the two were joined already. */
  join(x: number, y: number): boolean {
    const rootX = this.find(x)
    const rootY = this.find(y)
    if (rootX === rootY) return false
    this.parent[Math.max(rootX, rootY)] = Math.min(rootX, rootY)
    return true
  }
}

/**
 * The edges that alone decide what is connected at any threshold: the maximum spanning forest (Kruskal). At most
 * aCount + bCount − 1 of them, whatever the number of edges, so following a drag costs the same for any graph.
 */
export function spanningForest(edges: CosineEdges, aCount: number, bCount: number): CosineEdges {
  const union = new Union(aCount + bCount)
  const kept: number[] = []
  for (let e = 0; e < edges.cosine.length; e++) if (union.join(edges.a[e], aCount + edges.b[e])) kept.push(e)
  return {
    a: Int32Array.from(kept, (e) => edges.a[e]),
    b: Int32Array.from(kept, (e) => edges.b[e]),
    cosine: Float32Array.from(kept, (e) => edges.cosine[e]),
  }
}

function shapeOf(parents: number, children: number): ComponentShape {
  if (parents === 1) return children === 1 ? '1-1' : '1-n'
  return children === 1 ? 'n-1' : 'n-m'
}

/** Members of each component, ascending, as one array and where each component begins in it. */
function group(componentOf: Int32Array, from: number, to: number, count: number): [Int32Array, Int32Array] {
  const start = new Int32Array(count + 1)
  for (let node = from; node < to; node++) if (componentOf[node] >= 0) start[componentOf[node] + 1]++
  for (let c = 0; c < count; c++) start[c + 1] += start[c]
  const feature = new Int32Array(start[count])
  const next = start.slice()
  for (let node = from; node < to; node++)
    if (componentOf[node] >= 0) feature[next[componentOf[node]]++] = node - from
  return [start, feature]
}

/**
 * Components of the graph of cosines > threshold. Give it the spanning forest (fast) or all edges (the same answer).
 * Only edges that were kept are known: below the comparison's floor it answers as at the floor.
 */
export function swapComponents(
  edges: CosineEdges,
  aCount: number,
  bCount: number,
  threshold: number,
): SwapComponents {
  const above = edgesAbove(edges, threshold)
  const union = new Union(aCount + bCount)
  for (let e = 0; e < above; e++) union.join(edges.a[e], aCount + edges.b[e])
  const numberOf = new Int32Array(aCount + bCount).fill(-1)
  const strongest: number[] = []
  for (let e = 0; e < above; e++) {
    const root = union.find(edges.a[e])
    if (numberOf[root] >= 0) continue
    numberOf[root] = strongest.length
    strongest.push(edges.cosine[e])
  }
  const componentOf = numberOf.map((_, node) => numberOf[union.find(node)])
  const count = strongest.length
  const [aStart, aFeature] = group(componentOf, 0, aCount, count)
  const [bStart, bFeature] = group(componentOf, aCount, aCount + bCount, count)
  const shapes = { '1-1': 0, '1-n': 0, 'n-1': 0, 'n-m': 0 }
  for (let c = 0; c < count; c++) shapes[shapeOf(aStart[c + 1] - aStart[c], bStart[c + 1] - bStart[c])]++
  return { count, aStart, aFeature, bStart, bFeature, maxCosine: Float32Array.from(strongest), shapes }
}
