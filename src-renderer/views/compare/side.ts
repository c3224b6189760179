import type { ComparisonArrays, Matches } from '#contract/compare.ts'
import type { FeatureLabel } from '#contract/label.ts'

export type SideName = 'a' | 'b'

/** One SAE of a comparison as its lists show it: what it is nearest to in the other, how often it fires, what it is called. */
export interface Side {
  name: SideName
  count: number
  /** [count] largest decoder cosine with a feature of the other SAE, and which one that is. */
  maxCosine: Float32Array
  nearest: Int32Array
  /** [count] largest Pearson correlation of activations; absent where no activations were given. */
  maxPearson: Float32Array | null
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

/** One side of the arrays; null where the two SAEs have no cosines (activations of different widths). */
export function sideOf(
  name: SideName,
  count: number,
  arrays: ComparisonArrays,
  labels: Map<number, string>,
): Side | null {
  if (!arrays.cosine) return null
  const way = name === 'a' ? 'aToB' : 'bToA'
  const cosine = best(arrays.cosine[way], count)
  const { activations } = arrays
  return {
    name,
    count,
    maxCosine: cosine.value,
    nearest: cosine.feature,
    maxPearson: activations ? best(activations.pearson[way], count).value : null,
    density: activations ? (name === 'a' ? activations.aDensity : activations.bDensity) : null,
    deltaMse: name === 'b' ? (activations?.deltaMse ?? null) : null,
    labels,
  }
}
