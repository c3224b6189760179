import type { ComparisonArrays, Matches } from '#contract/compare.ts'
import type { FeatureLabel } from '#contract/label.ts'

export type SideName = 'a' | 'b'

/** What two features are held against each other by: their directions, or, where those have other lengths, what they fire on. */
export type Measure = 'cosine' | 'pearson'

/** One SAE of a comparison as its lists show it: what it is nearest to in the other, how often it fires, what it is called. */
export interface Side {
  name: SideName
  count: number
  /** [count] largest similarity with a feature of the other SAE, and which one that is; below −1 and −1 where there is none. */
  similarity: Float32Array
  nearest: Int32Array
  /** [count] largest decoder cosine; absent where directions have other lengths. */
  maxCosine: Float32Array | null
  /** [count] largest Pearson correlation of activations, and what shuffled tokens give; absent where it was not measured. */
  maxPearson: Float32Array | null
  pearsonByChance: Float32Array | null
  /** [count] largest cosine of the activations where it fires. */
  maskedCosine: Float32Array | null
  density: Float32Array | null
  /** [count] exact change in A's MSE when the feature is added alone; B only. */
  deltaMse: Float64Array | null
  labels: Map<number, string>
}

/** The best match of every feature: the first of its k. */
function best({ k, value, feature }: Matches, count: number): { value: Float32Array; feature: Int32Array } {
  const pick = <T extends Float32Array | Int32Array>(from: T, out: T): T => {
    for (let j = 0; j < count; j++) out[j] = from[j * k]
    return out
  }
  return { value: pick(value, new Float32Array(count)), feature: pick(feature, new Int32Array(count)) }
}

export const labelTexts = (labels: readonly FeatureLabel[]): Map<number, string> =>
  new Map(labels.filter(({ label }) => label !== '').map(({ feature, label }) => [feature, label]))

/** "12 weekday" */
export const nameIn = (side: Pick<Side, 'labels'>, feature: number): string =>
  `${feature} ${side.labels.get(feature) ?? ''}`.trim()

/** Cosine where there are cosines. */
export const measureOf = (arrays: ComparisonArrays): Measure | null =>
  arrays.cosine ? 'cosine' : arrays.activations ? 'pearson' : null

/** One side of the arrays; null where they hold neither cosines nor correlations. */
export function sideOf(
  name: SideName,
  count: number,
  arrays: ComparisonArrays,
  labels: Map<number, string>,
): Side | null {
  const { cosine, activations } = arrays
  const way = name === 'a' ? 'aToB' : 'bToA'
  const matches = cosine?.[way] ?? activations?.pearson[way]
  if (!matches) return null
  const { value, feature } = best(matches, count)
  const most = (of: { aToB: Matches; bToA: Matches } | null | undefined): Float32Array | null =>
    of ? best(of[way], count).value : null
  return {
    name,
    count,
    similarity: value,
    nearest: feature,
    maxCosine: cosine ? value : null,
    maxPearson: most(activations?.pearson),
    pearsonByChance: most(activations?.pearsonByChance),
    maskedCosine: most(activations?.maskedCosine),
    density: activations ? (name === 'a' ? activations.aDensity : activations.bDensity) : null,
    deltaMse: name === 'b' ? (activations?.deltaMse ?? null) : null,
    labels,
  }
}
