import type { Matches } from '#contract/compare.ts'

/** No cosine is as small as this. */
export const NO_MATCH = -2

/** Ranked lists of k per feature. The smallest of each list is at hand: most cosines are refused by one comparison. */
export class RankedLists {
  /** A list that is not full has NO_MATCH and −1 in what is left of it. */
  readonly best: Matches
  /** [features] the k-th best so far. */
  readonly last: Float32Array
  constructor(features: number, k: number) {
    const feature = new Int32Array(features * k).fill(-1)
    this.best = { k, value: new Float32Array(features * k).fill(NO_MATCH), feature }
    this.last = new Float32Array(features).fill(NO_MATCH)
  }

  /** Equal cosines keep the order they came in. */
  offer(feature: number, other: number, value: number): void {
    const { k, value: values, feature: others } = this.best
    const first = feature * k
    let at = first + k - 1
    for (; at > first && values[at - 1] < value; at--) {
      values[at] = values[at - 1]
      others[at] = others[at - 1]
    }
    values[at] = value
    others[at] = other
    this.last[feature] = values[first + k - 1]
  }
}

/** The best match of each feature. */
export function firstMatches({ k, value, feature }: Matches): {
  value: Float32Array
  feature: Int32Array
} {
  const features = feature.length / k
  return {
    value: Float32Array.from({ length: features }, (_, j) => value[j * k]),
    feature: Int32Array.from({ length: features }, (_, j) => feature[j * k]),
  }
}

/** Mean over the features that have a match of the best one. NaN where none has. */
export function meanBest({ k, value, feature }: Matches): number {
  let sum = 0
  let count = 0
  for (let n = 0; n < feature.length; n += k)
    if (feature[n] >= 0) {
      sum += value[n]
      count++
    }
  return sum / count
}
