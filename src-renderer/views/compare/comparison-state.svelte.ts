import type { Comparison, ComparisonArrays } from '#contract/compare.ts'
import { spanningForest, swapComponents, type CosineEdges } from '#contract/swap-graph.ts'
import { bestSplit, effectCurve, effectTable, type BestSplit, type EffectCurve } from '#contract/threshold.ts'
import type { Side, SideName } from './side.ts'

export const USUAL_THRESHOLD = 0.7

interface Sides {
  a: Side
  b: Side
  edges: CosineEdges
}

/** One comparison on screen: everything that follows the threshold is worked out here from arrays that were sent once. */
export class ComparisonState {
  readonly comparison: Comparison
  readonly a: Side
  readonly b: Side
  readonly edges: CosineEdges
  threshold = $state(USUAL_THRESHOLD)
  selected = $state.raw<{ a: number | null; b: number | null }>({ a: null, b: null })

  readonly #curve: EffectCurve
  readonly #forest: CosineEdges
  readonly split: BestSplit
  readonly hasEffects: boolean
  readonly table = $derived.by(() => effectTable(this.#curve, this.threshold))
  readonly components = $derived.by(() =>
    swapComponents(this.#forest, this.a.count, this.b.count, this.threshold),
  )

  constructor(comparison: Comparison, { a, b, edges }: Sides) {
    this.comparison = comparison
    this.a = a
    this.b = b
    this.edges = edges
    this.hasEffects = b.deltaMse !== null
    this.#curve = effectCurve(b.maxCosine, b.deltaMse)
    this.#forest = spanningForest(edges, a.count, b.count)
    this.split = bestSplit(this.#curve)
  }

  get novel(): number {
    const { falls, rises, unchanged } = this.table.novel
    return falls + rises + unchanged
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
}

/** Edges of the arrays, or none where there are no cosines. */
export const edgesOf = (arrays: ComparisonArrays): CosineEdges =>
  arrays.cosine?.edges ?? { a: new Int32Array(0), b: new Int32Array(0), cosine: new Float32Array(0) }
