// How features split as dictionaries widen: trees from the coarsest SAE to the finest. Pure, and the same on both sides.

/** From one width to the next wider: for every feature of the wider its most similar one of the narrower. */
export interface SplitLevel {
  /** [wider features] feature of the narrower SAE. */
  parent: Int32Array
  cosine: Float32Array
}

export interface SplitNode {
  /** 0 is the coarsest SAE. */
  level: number
  feature: number
  /** With its parent; 1 at the root. */
  cosine: number
  children: SplitNode[]
}

/** Children of every feature of the narrower SAE: those of the wider whose best match it is, above the threshold. */
function childrenOf({ parent, cosine }: SplitLevel, threshold: number): Map<number, number[]> {
  const children = new Map<number, number[]>()
  parent.forEach((p, j) => {
    if (p < 0 || !(cosine[j] > threshold)) return
    const list = children.get(p)
    if (list) list.push(j)
    else children.set(p, [j])
  })
  for (const list of children.values()) list.sort((i, j) => cosine[j] - cosine[i])
  return children
}

/** The tree below one feature of a level, or one tree for each feature of it; children by cosine, largest first. */
export function splittingTrees(
  levels: readonly SplitLevel[],
  threshold: number,
  roots: { level: number; features: readonly number[] },
): SplitNode[] {
  const children = levels.map((level) => childrenOf(level, threshold))
  const grow = (level: number, feature: number, cosine: number): SplitNode => ({
    level,
    feature,
    cosine,
    children: (children[level]?.get(feature) ?? []).map((j) => grow(level + 1, j, levels[level].cosine[j])),
  })
  return roots.features.map((feature) => grow(roots.level, feature, 1))
}

/** What becomes of the features from one width to the next. */
export interface SplitCounts {
  /** Features of the narrower SAE with no, one, several children. */
  vanished: number
  kept: number
  split: number
  /** Features of the wider SAE with no parent. */
  novel: number
}

export function splitCounts(level: SplitLevel, narrowerCount: number, threshold: number): SplitCounts {
  const children = childrenOf(level, threshold)
  const several = [...children.values()].filter((list) => list.length > 1).length
  const matched = [...children.values()].reduce((sum, list) => sum + list.length, 0)
  return {
    vanished: narrowerCount - children.size,
    kept: children.size - several,
    split: several,
    novel: level.parent.length - matched,
  }
}
