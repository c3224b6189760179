import type { Sae } from '#contract/sae.ts'
import {
  childCount,
  descendantCounts,
  splitCounts,
  splitTree,
  type SplitFamilies,
  type SplitNode,
} from '#contract/splitting.ts'
import { USUAL_THRESHOLD } from '../compare/comparison-state.svelte.ts'

/** A feature of one SAE of the chain; level 0 is the narrowest. */
export interface Placed {
  level: number
  feature: number
}

/** A chain of SAEs on screen: everything that follows the threshold is worked out here. */
export class SplittingState {
  readonly saes: readonly Sae[]
  readonly levels: readonly SplitFamilies[]
  /** By level, by feature. */
  readonly labels: readonly ReadonlyMap<number, string>[]
  /** Cosines of all features of all but the narrowest with their best match, for the histogram. */
  readonly cosines: Float32Array
  threshold = $state(USUAL_THRESHOLD)
  /** The feature whose tree is drawn. */
  root = $state.raw<Placed | null>(null)
  /** The feature of the tree that is looked at: its children's geometry is shown. */
  focus = $state.raw<Placed | null>(null)
  pairOpen = $state(false)

  readonly counts = $derived.by(() => this.levels.map((level) => splitCounts(level, this.threshold)))
  readonly tree = $derived.by(
    (): SplitNode | null => this.root && splitTree(this.levels, this.threshold, this.root),
  )
  /** [features of the narrowest] children one level on, and descendants at the last level. */
  readonly children = $derived.by(() => {
    const [first] = this.levels
    return Uint32Array.from({ length: this.saes[0].dSae }, (_, p) => childCount(first, p, this.threshold))
  })
  readonly descendants = $derived.by(() => descendantCounts(this.levels, this.threshold))

  constructor(
    saes: readonly Sae[],
    levels: readonly SplitFamilies[],
    labels: readonly ReadonlyMap<number, string>[],
  ) {
    this.saes = saes
    this.levels = levels
    this.labels = labels
    this.cosines = Float32Array.from(levels.flatMap(({ cosine }) => [...cosine]))
  }

  nameOf({ level, feature }: Placed): string {
    return `${feature} ${this.labels[level].get(feature) ?? ''}`.trim()
  }

  show(feature: number): void {
    this.root = this.focus = { level: 0, feature }
  }

  /** The children of a feature above the threshold, the most similar first. */
  childrenOf({ level, feature }: Placed): number[] {
    const family = this.levels.at(level)
    if (!family) return []
    const from = family.start[feature]
    return [...family.child.subarray(from, from + childCount(family, feature, this.threshold))]
  }

  /** The parent of a feature, whatever the threshold. */
  parentOf({ level, feature }: Placed): (Placed & { cosine: number }) | null {
    const family = this.levels.at(level - 1)
    if (level === 0 || !family) return null
    const at = family.child.indexOf(feature)
    if (at < 0) return null
    let parent = 0
    while (family.start[parent + 1] <= at) parent++
    return { level: level - 1, feature: parent, cosine: family.cosine[at] }
  }
}
