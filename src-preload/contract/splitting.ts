// How features split as dictionaries widen: trees from the coarsest SAE to the finest. Pure, and the same on both sides.

/** From one width to the next wider: for every feature of the wider its most similar one of the narrower. */
export interface SplitLevel {
  /** [wider features] feature of the narrower SAE. */
  parent: Int32Array
  cosine: Float32Array
}

/** From what a comparison of the two keeps for every feature of the wider: its k best of the narrower, best first. */
export function splitLevel({ k, feature, value }: SplitMatches): SplitLevel {
  const wider = feature.length / k
  return {
    parent: Int32Array.from({ length: wider }, (_, j) => feature[j * k]),
    cosine: Float32Array.from({ length: wider }, (_, j) => value[j * k]),
  }
}
interface SplitMatches {
  k: number
  feature: Int32Array
  value: Float32Array
}

/**
 * The same by parent: the features of the wider SAE whose best match p is are child[start[p]] … child[start[p + 1] − 1],
 * by cosine, largest first. Whatever the threshold, the children above it come first: following one costs next to nothing.
 */
export interface SplitFamilies {
  /** [narrower features + 1] */
  start: Uint32Array
  child: Uint32Array
  cosine: Float32Array
  /** Features of the wider SAE, those without any match too. */
  widerCount: number
}

export function splitFamilies({ parent, cosine }: SplitLevel, narrowerCount: number): SplitFamilies {
  const start = new Uint32Array(narrowerCount + 1)
  for (const p of parent) if (p >= 0) start[p + 1]++
  for (let p = 0; p < narrowerCount; p++) start[p + 1] += start[p]
  const strongestFirst = Uint32Array.from(parent.keys()).sort((i, j) => cosine[j] - cosine[i] || i - j)
  const next = start.slice()
  const child = new Uint32Array(start[narrowerCount])
  for (const j of strongestFirst) if (parent[j] >= 0) child[next[parent[j]]++] = j
  return { start, child, cosine: Float32Array.from(child, (j) => cosine[j]), widerCount: parent.length }
}

/** How many children of a parent lie above the threshold: the first so many of its family. */
export function childCount({ start, cosine }: SplitFamilies, parent: number, threshold: number): number {
  let at = start[parent]
  while (at < start[parent + 1] && cosine[at] > threshold) at++
  return at - start[parent]
}

export interface SplitNode {
  /** 0 is the coarsest SAE. */
  level: number
  feature: number
  /** With its parent; 1 at the root. */
  cosine: number
  children: SplitNode[]
}

/** The tree below one feature; children by cosine, largest first. */
export function splitTree(
  levels: readonly SplitFamilies[],
  threshold: number,
  root: { level: number; feature: number },
): SplitNode {
  const grow = (level: number, feature: number, cosine: number): SplitNode => {
    const family = levels.at(level)
    const count = family ? childCount(family, feature, threshold) : 0
    const children = Array.from({ length: count }, (_, n) => {
      const at = family!.start[feature] + n
      return grow(level + 1, family!.child[at], family!.cosine[at])
    })
    return { level, feature, cosine, children }
  }
  return grow(root.level, root.feature, 1)
}

/** What becomes of the features from one width to the next. */
export interface SplitCounts {
  /** Features of the narrower SAE with no, one, several children. */
  vanished: number
  kept: number
  split: number
  /** Children of those that split. */
  parts: number
  /** Features of the wider SAE with no parent. */
  novel: number
}

export function splitCounts(families: SplitFamilies, threshold: number): SplitCounts {
  const counts = { vanished: 0, kept: 0, split: 0, parts: 0, novel: families.widerCount }
  for (let p = 0; p + 1 < families.start.length; p++) {
    const children = childCount(families, p, threshold)
    counts.novel -= children
    if (children === 0) counts.vanished++
    else if (children === 1) counts.kept++
    else {
      counts.split++
      counts.parts += children
    }
  }
  return counts
}

/** [features of the coarsest SAE] how many features of the finest each has become: the leaves of its tree at the last level. */
export function descendantCounts(levels: readonly SplitFamilies[], threshold: number): Uint32Array {
  let below: Uint32Array | null = null
  for (const families of levels.toReversed()) {
    const own = new Uint32Array(families.start.length - 1)
    for (let p = 0; p < own.length; p++) {
      const from = families.start[p]
      const end = from + childCount(families, p, threshold)
      for (let at = from; at < end; at++) own[p] += below ? below[families.child[at]] : 1
    }
    below = own
  }
  return below ?? new Uint32Array(0)
}
