// What a threshold on max cosine says. Pure, and the same on both sides: the engine answers with it, and a view that is
// being dragged works it out itself from arrays sent once.

/** How many features of a group lower the error when added, raise it, or never fire on the tokens measured. */
export interface EffectCounts {
  falls: number
  rises: number
  unchanged: number
}
/** The 2×2 table of the stitching post: novel / reconstruction by the sign of the measured ΔMSE. */
export interface EffectTable {
  novel: EffectCounts
  reconstruction: EffectCounts
}
export interface BestSplit {
  threshold: number
  /** Features whose sign the threshold foretells (novel: falls, reconstruction: rises). */
  agreeing: number
  /** Features with a sign: those that fire. */
  of: number
}

/** Features sorted by max cosine, with running counts of the signs: any threshold is then one binary search. */
export interface EffectCurve {
  /** [F] ascending */
  cosine: Float32Array
  /** [F + 1] how many of the first n lower / raise the error. */
  falls: Uint32Array
  rises: Uint32Array
}

/** How many of the ascending values are ≤ threshold. */
export function countUpTo(ascending: Float32Array, threshold: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] <= threshold) low = middle + 1
    else high = middle
  }
  return low
}

/** @param deltaMse [F] the measured change when the feature is added, or null where nothing was measured. */
export function effectCurve(maxCosine: Float32Array, deltaMse: Float64Array | null): EffectCurve {
  const features = maxCosine.length
  const order = Uint32Array.from({ length: features }, (_, j) => j).sort(
    (i, j) => maxCosine[i] - maxCosine[j],
  )
  const falls = new Uint32Array(features + 1)
  const rises = new Uint32Array(features + 1)
  order.forEach((j, n) => {
    falls[n + 1] = falls[n] + (deltaMse !== null && deltaMse[j] < 0 ? 1 : 0)
    rises[n + 1] = rises[n] + (deltaMse !== null && deltaMse[j] > 0 ? 1 : 0)
  })
  return { cosine: Float32Array.from(order, (j) => maxCosine[j]), falls, rises }
}

/** Novel: max cosine ≤ threshold. Reconstruction: above it. */
export function effectTable(curve: EffectCurve, threshold: number): EffectTable {
  const all = curve.cosine.length
  const novel = countUpTo(curve.cosine, threshold)
  const counts = (from: number, to: number): EffectCounts => {
    const falls = curve.falls[to] - curve.falls[from]
    const rises = curve.rises[to] - curve.rises[from]
    return { falls, rises, unchanged: to - from - falls - rises }
  }
  return { novel: counts(0, novel), reconstruction: counts(novel, all) }
}

/** The threshold that foretells the most signs; half way between two features, the lowest where several are as good. */
export function bestSplit(curve: EffectCurve): BestSplit {
  const { cosine, falls, rises } = curve
  const all = cosine.length
  let best = 0
  let agreeing = -1
  for (let n = 0; n <= all; n++) {
    if (n > 0 && n < all && cosine[n] === cosine[n - 1]) continue // no threshold parts equal cosines
    const agree = falls[n] + rises[all] - rises[n]
    if (agree > agreeing) {
      agreeing = agree
      best = n
    }
  }
  const below = best === 0 ? -1 : cosine[best - 1]
  const above = best === all ? 1 : cosine[best]
  return { threshold: (below + above) / 2, agreeing, of: falls[all] + rises[all] }
}
