/** Mean over the features that have a match: similarities are never below −1. */
export function meanOf(similarity: Float32Array): number {
  let [sum, matched] = [0, 0]
  for (const value of similarity) {
    if (!(value >= -1)) continue
    sum += value
    matched++
  }
  return sum / matched
}

/** The smallest of many numbers, without a spread that a long array would overflow; 0 without any. */
export function smallest(values: ArrayLike<number>): number {
  let low = Infinity
  for (let i = 0; i < values.length; i++) if (values[i] >= -1 && values[i] < low) low = values[i]
  return Number.isFinite(low) ? low : 0
}
