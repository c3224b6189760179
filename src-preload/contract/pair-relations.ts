import type { ReportedSae, ReportNumbers } from './report.ts'

// How two SAEs of a report are related, and what their similarity is by that: the questions of the universality source.

/** The first that fits: one is marked as a baseline; another model; another hook point; another width; all the same. */
export type Relation = 'baseline' | 'model' | 'layer' | 'width' | 'twin'

/** In the order of a table: the likest first. */
export const RELATIONS: readonly { relation: Relation; name: string; means: string }[] = [
  { relation: 'twin', name: 'same width', means: 'same model, hook point and width: another seed or kind' },
  { relation: 'width', name: 'other width', means: 'same model and hook point, another width' },
  { relation: 'layer', name: 'other layer', means: 'same model, another layer or hook point' },
  { relation: 'model', name: 'other model', means: 'another model' },
  { relation: 'baseline', name: 'baseline', means: 'one of the two is marked as a baseline' },
]

export function relationOf(a: ReportedSae, b: ReportedSae): Relation {
  if (a.baseline || b.baseline) return 'baseline'
  if (a.modelName !== b.modelName) return 'model'
  if (a.hookName !== b.hookName) return 'layer'
  return a.dSae === b.dSae ? 'twin' : 'width'
}

export interface OrderedPair {
  /** Row and column of the tables: features of `from` looked for in `to`. */
  from: number
  to: number
  relation: Relation
}

/** Every ordered pair of different SAEs. */
export const orderedPairs = ({ saes }: Pick<ReportNumbers, 'saes'>): OrderedPair[] =>
  saes.flatMap((a, from) =>
    saes.flatMap((b, to) => (from === to ? [] : [{ from, to, relation: relationOf(a, b) }])),
  )

export interface RelationMean {
  relation: Relation
  /** Ordered pairs. */
  pairs: number
  /** Means over those pairs where it is known. */
  mcs: number | null
  mcsRandom: number | null
  pearson: number | null
  pearsonRandom: number | null
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** Similarity by relation, for the relations there are. */
export function byRelation(numbers: ReportNumbers): RelationMean[] {
  const pairs = orderedPairs(numbers)
  return RELATIONS.flatMap(({ relation }) => {
    const of = pairs.filter((pair) => pair.relation === relation)
    if (of.length === 0) return []
    const over = (table: ReportNumbers['mcs']): number | null =>
      mean(of.map(({ from, to }) => table[from][to]))
    return {
      relation,
      pairs: of.length,
      mcs: over(numbers.mcs),
      // The baselines of those pairs whose value is known, so that the two means are over the same pairs.
      mcsRandom: mean(
        of.map(({ from, to }) => (numbers.mcs[from][to] === null ? null : numbers.mcsRandom[from][to])),
      ),
      pearson: over(numbers.pearson),
      pearsonRandom: over(numbers.pearsonRandom),
    }
  })
}

/** `blocks.2.hook_resid_pre` → 2; null for the embedding and what is not known. */
export function layerOf({ hookName }: Pick<ReportedSae, 'hookName'>): number | null {
  const found = /^blocks\.(\d+)\./.exec(hookName ?? '')
  return found ? Number(found[1]) : null
}

/** What similarity may be drawn against. */
export type Along = 'ratio' | 'width' | 'layer' | 'training'
export const ALONG: readonly { along: Along; name: string; label: string; log: boolean }[] = [
  { along: 'ratio', name: 'ratio', label: 'width of the other / own width', log: true },
  { along: 'width', name: 'width', label: 'own width, features', log: true },
  { along: 'layer', name: 'layer', label: 'own layer', log: false },
  { along: 'training', name: 'training', label: 'tokens trained on', log: true },
]

/** Where a pair stands on an axis; null where that is not known. */
export function positionOf(along: Along, from: ReportedSae, to: ReportedSae): number | null {
  if (along === 'ratio') return to.dSae / from.dSae
  if (along === 'width') return from.dSae
  if (along === 'layer') return layerOf(from)
  return from.trainedTokens
}

/** The axes along which the pairs of a report differ: those worth drawing. */
export function alongs(numbers: ReportNumbers): typeof ALONG {
  const pairs = orderedPairs(numbers)
  return ALONG.filter(({ along }) => {
    const places = pairs.map(({ from, to }) => positionOf(along, numbers.saes[from], numbers.saes[to]))
    return new Set(places.filter((place) => place !== null)).size > 1
  })
}
