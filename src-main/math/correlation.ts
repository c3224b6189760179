/** Sums over the same T tokens from which a Pearson correlation follows. */
export interface PairSums {
  tokens: number
  sumX: number
  sumXX: number
  sumY: number
  sumYY: number
  sumXY: number
}

/** Pearson's r from sums; NaN where one of the two does not vary. */
export function pearson({ tokens, sumX, sumXX, sumY, sumYY, sumXY }: PairSums): number {
  const varX = tokens * sumXX - sumX * sumX
  const varY = tokens * sumYY - sumY * sumY
  if (!(varX > 0) || !(varY > 0)) return NaN
  return (tokens * sumXY - sumX * sumY) / (Math.sqrt(varX) * Math.sqrt(varY))
}

/** Pearson's r of two columns, by the definition: centred, then the cosine. */
export function pearsonOf(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const tokens = x.length
  let meanX = 0
  let meanY = 0
  for (let t = 0; t < tokens; t++) {
    meanX += x[t] / tokens
    meanY += y[t] / tokens
  }
  let xx = 0
  let yy = 0
  let xy = 0
  for (let t = 0; t < tokens; t++) {
    xx += (x[t] - meanX) ** 2
    yy += (y[t] - meanY) ** 2
    xy += (x[t] - meanX) * (y[t] - meanY)
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : NaN
}

/**
 * Masked activation cosine (Towards Monosemanticity): the cosine of two activation columns over the tokens where the
 * first fires. NaN where the first never fires or the second never fires with it.
 */
export function maskedCosineOf(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let xx = 0
  let yy = 0
  let xy = 0
  for (let t = 0; t < x.length; t++) {
    if (!(x[t] > 0)) continue
    xx += x[t] * x[t]
    yy += y[t] * y[t]
    xy += x[t] * y[t]
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : NaN
}
