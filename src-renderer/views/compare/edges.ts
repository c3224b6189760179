import type { ComparisonArrays, Matches } from '#contract/compare.ts'
import type { CosineEdges } from '#contract/swap-graph.ts'

/** Correlations below this join nothing. */
const FLOOR = 0.3

/** Pairs that are among the best of either feature, the most correlated first. */
function edgesOfMatches(aToB: Matches, bToA: Matches): CosineEdges {
  const aCount = aToB.feature.length / aToB.k
  const byPair = new Map<number, number>()
  const take = ({ k, feature, value }: Matches, pairOf: (own: number, other: number) => number): void => {
    feature.forEach((other, n) => {
      if (other >= 0 && value[n] > FLOOR) byPair.set(pairOf(Math.floor(n / k), other), value[n])
    })
  }
  take(aToB, (a, b) => b * aCount + a)
  take(bToA, (b, a) => b * aCount + a)
  const pairs = [...byPair].sort((x, y) => y[1] - x[1])
  return {
    a: Int32Array.from(pairs, ([pair]) => pair % aCount),
    b: Int32Array.from(pairs, ([pair]) => Math.floor(pair / aCount)),
    cosine: Float32Array.from(pairs, ([, value]) => value),
  }
}

/** The edges of the swap graph: decoder cosines, or correlations where there are no cosines. */
export function edgesOf({ cosine, activations }: ComparisonArrays): CosineEdges {
  if (cosine) return cosine.edges
  if (activations) return edgesOfMatches(activations.pearson.aToB, activations.pearson.bToA)
  return { a: new Int32Array(0), b: new Int32Array(0), cosine: new Float32Array(0) }
}
/** Below it no edge is known. */
export const floorOf = (cosineFloor: number | undefined): number => cosineFloor ?? FLOOR
