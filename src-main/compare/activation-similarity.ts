import type { Matches } from '#contract/compare.ts'
import { pearson } from '../math/correlation.ts'
import type { SparseCodes } from '../sae/weights.ts'
import { RankedLists } from './ranked-lists.ts'
import { byFeature } from './token-codes.ts'

/**
 * pearson: correlation of the two activations over all tokens (source: Universality).
 * masked-cosine: their cosine over the tokens where the first fires (source: Towards Monosemanticity).
 */
export type ActivationMeasure = 'pearson' | 'masked-cosine'

interface Moments {
  sum: Float64Array
  sumOfSquares: Float64Array
}

function moments(codes: SparseCodes, features: number): Moments {
  const sum = new Float64Array(features)
  const sumOfSquares = new Float64Array(features)
  for (let e = 0; e < codes.start[codes.rows]; e++) {
    sum[codes.feature[e]] += codes.value[e]
    sumOfSquares[codes.feature[e]] += codes.value[e] ** 2
  }
  return { sum, sumOfSquares }
}

/** Features that vary, by mean over standard deviation, smallest first: without firing together r = −(x̄/σx)(ȳ/σy). */
function leastNegative({ sum, sumOfSquares }: Moments, tokens: number): Int32Array {
  const ratio = sum.map((s, j) => s / Math.sqrt(Math.max(0, tokens * sumOfSquares[j] - s * s)))
  const varying = Int32Array.from({ length: sum.length }, (_, j) => j).filter((j) =>
    Number.isFinite(ratio[j]),
  )
  return varying.sort((i, j) => ratio[i] - ratio[j])
}

/** Sums over the tokens where one feature fires, with every feature of the other side that fires there too. */
class CoFiring {
  readonly sumXY: Float64Array
  readonly sumYY: Float64Array
  /** The features with an entry, in the order met. */
  readonly met: Uint32Array
  count = 0
  constructor(features: number) {
    this.sumXY = new Float64Array(features)
    this.sumYY = new Float64Array(features)
    this.met = new Uint32Array(features)
  }

  add(activation: number, y: SparseCodes, token: number): void {
    const { sumXY, sumYY, met } = this
    for (let e = y.start[token]; e < y.start[token + 1]; e++) {
      const j = y.feature[e]
      if (sumYY[j] === 0) met[this.count++] = j
      sumXY[j] += activation * y.value[e]
      sumYY[j] += y.value[e] * y.value[e]
    }
  }

  clear(): void {
    for (let n = 0; n < this.count; n++) this.sumXY[this.met[n]] = this.sumYY[this.met[n]] = 0
    this.count = 0
  }
}

/**
 * The k features of Y most similar in activation to each feature of X, over the same tokens, in sparse form: only
 * tokens where the feature fires are visited. A feature that does not vary has no match (−1, value NO_MATCH).
 */
export function activationSimilarity(
  x: SparseCodes,
  xCount: number,
  y: SparseCodes,
  yCount: number,
  options: { k: number; measure: ActivationMeasure; onFeature?: (done: number) => void },
): Matches {
  const { measure, k } = options
  const tokens = x.rows
  const lists = new RankedLists(xCount, Math.min(k, yCount))
  const [ofX, ofY] = [moments(x, xCount), moments(y, yCount)]
  const firesOn = byFeature(x, xCount)
  const apart = measure === 'pearson' ? leastNegative(ofY, tokens) : new Int32Array(0)
  const together = new CoFiring(yCount)
  const sums = (i: number, j: number): number =>
    pearson({
      tokens,
      sumX: ofX.sum[i],
      sumXX: ofX.sumOfSquares[i],
      sumY: ofY.sum[j],
      sumYY: ofY.sumOfSquares[j],
      sumXY: together.sumXY[j],
    })
  for (let i = 0; i < xCount; i++) {
    for (let e = firesOn.start[i]; e < firesOn.start[i + 1]; e++)
      together.add(firesOn.value[e], y, firesOn.token[e])
    for (let n = 0; n < together.count; n++) {
      const j = together.met[n]
      const value =
        measure === 'pearson'
          ? sums(i, j)
          : together.sumXY[j] / Math.sqrt(ofX.sumOfSquares[i] * together.sumYY[j])
      if (value > lists.last[i]) lists.offer(i, j, value)
    }
    offerApart(i, together, apart, lists, sums)
    together.clear()
    options.onFeature?.(i + 1)
  }
  return lists.best
}

/** Features that never fire together correlate negatively, the least those first in `apart`: fills what is left of a list. */
function offerApart(
  i: number,
  together: CoFiring,
  apart: Int32Array,
  lists: RankedLists,
  sums: (i: number, j: number) => number,
): void {
  for (const j of apart) {
    if (together.sumYY[j] > 0) continue
    const value = sums(i, j)
    if (!(value > lists.last[i])) return
    lists.offer(i, j, value)
  }
}
