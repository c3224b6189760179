import type { Comparison, ComparisonArrays } from '#contract/compare.ts'
import { spanningForest, swapComponents, type CosineEdges } from '#contract/swap-graph.ts'
import {
  bestSplit,
  countUpTo,
  effectCurve,
  effectTable,
  type BestSplit,
  type EffectCurve,
} from '#contract/threshold.ts'
import type { Measure, Side, SideName } from './side.ts'

export const USUAL_THRESHOLD = 0.7

interface Sides {
  a: Side
  b: Side
  edges: CosineEdges
  measure: Measure
  arrays: ComparisonArrays
}

/** One comparison on screen: everything that follows the threshold is worked out here from arrays that were sent once. */
export class ComparisonState {
  readonly comparison: Comparison
  readonly a: Side
  readonly b: Side
  readonly edges: CosineEdges
  readonly measure: Measure
  readonly arrays: ComparisonArrays
  threshold = $state(USUAL_THRESHOLD)
  /** Whose features are looked for in the other SAE on the histograms. */
  way = $state<SideName>('b')
  selected = $state.raw<{ a: number | null; b: number | null }>({ a: null, b: null })
  /** Whether the two selected features are read side by side. */
  pairOpen = $state(false)

  readonly #curve: EffectCurve
  readonly #ofA: EffectCurve
  readonly #forest: CosineEdges
  readonly split: BestSplit
  readonly hasEffects: boolean
  readonly table = $derived.by(() => effectTable(this.#curve, this.threshold))
  readonly components = $derived.by(() =>
    swapComponents(this.#forest, this.a.count, this.b.count, this.threshold),
  )

  constructor(comparison: Comparison, { a, b, edges, measure, arrays }: Sides) {
    this.comparison = comparison
    this.a = a
    this.b = b
    this.edges = edges
    this.measure = measure
    this.arrays = arrays
    this.hasEffects = b.deltaMse !== null
    this.#curve = effectCurve(b.similarity, b.deltaMse)
    this.#ofA = effectCurve(a.similarity, null)
    this.#forest = spanningForest(edges, a.count, b.count)
    this.split = bestSplit(this.#curve)
  }

  /** Features of an SAE with nothing like them in the other: novel ones of B, those of A that B has not. */
  novel(name: SideName): number {
    const curve = name === 'a' ? this.#ofA : this.#curve
    return countUpTo(curve.cosine, this.threshold)
  }

  isNovel(name: SideName, feature: number): boolean {
    return this.side(name).similarity[feature] <= this.threshold
  }

  side(name: SideName): Side {
    return name === 'a' ? this.a : this.b
  }

  /** Selects a feature and its nearest in the other SAE, so that the two stand side by side. */
  select(name: SideName, feature: number): void {
    const nearest = this.side(name).nearest[feature]
    const other = nearest >= 0 ? nearest : null
    this.selected = name === 'a' ? { a: feature, b: other } : { a: other, b: feature }
  }

  selectPair(a: number, b: number): void {
    this.selected = { a, b }
  }

  /** Selects what was clicked in a picture, and opens it. */
  open(name: SideName, feature: number): void {
    this.select(name, feature)
    this.pairOpen = true
  }
  openPair(a: number, b: number): void {
    this.selectPair(a, b)
    this.pairOpen = true
  }

  /** How alike two features are, where that is known: from the best of either and the edges of the graph. */
  similarityOf(a: number, b: number): number | null {
    if (this.a.nearest[a] === b) return this.a.similarity[a]
    if (this.b.nearest[b] === a) return this.b.similarity[b]
    const { edges } = this
    for (let e = 0; e < edges.cosine.length; e++)
      if (edges.a[e] === a && edges.b[e] === b) return edges.cosine[e]
    return null
  }
}
