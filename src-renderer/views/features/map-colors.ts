import type { FeatureTable } from '#contract/feature.ts'
import type { Labels } from '../../state/feature-labels.ts'

export type MapColoring = 'density' | 'label' | 'match'

export interface MapGroups {
  colors: string[]
  /** The colour of a feature, as a place in `colors`. */
  of: (feature: number) => number
  /** What the colours mean, in one line. */
  meaning: string
}

const STEPS = 5
const GREYS = Array.from(
  { length: STEPS },
  (_, i) => `color-mix(in srgb, var(--text) ${20 + (80 * i) / (STEPS - 1)}%, var(--bg))`,
)

/** By fifths of the features that fire: densities spread over decades. */
function byDensity(table: FeatureTable): MapGroups {
  const firing = table.count.filter((count) => count > 0).sort()
  const limits = Array.from(
    { length: STEPS - 1 },
    (_, i) => firing[Math.floor(((i + 1) * firing.length) / STEPS)],
  )
  return {
    colors: GREYS,
    of: (feature) => limits.filter((limit) => table.count[feature] >= limit).length,
    meaning: 'the denser, the stronger: by fifths of the features',
  }
}

const byLabel = (labels: Labels): MapGroups => ({
  colors: ['var(--dead)', 'var(--accent)', 'var(--rises)', 'var(--activation)'],
  of: (feature) => {
    const label = labels.get(feature)
    if (!label) return 0
    return label.starred ? 3 : label.uninterpretable ? 2 : label.label === '' ? 0 : 1
  },
  meaning: 'blue labelled, amber starred, red uninterpretable, grey nothing said',
})

const byMatch = (passing: ReadonlySet<number>): MapGroups => ({
  colors: ['var(--line-control)', 'var(--accent)'],
  of: (feature) => (passing.has(feature) ? 1 : 0),
  meaning: 'blue: passes the filters of the list',
})

export function mapGroups(
  coloring: MapColoring,
  table: FeatureTable,
  labels: Labels,
  order: readonly number[],
): MapGroups {
  switch (coloring) {
    case 'density':
      return byDensity(table)
    case 'label':
      return byLabel(labels)
    case 'match':
      return byMatch(new Set(order))
  }
}
