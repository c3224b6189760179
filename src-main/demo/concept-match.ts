import { CONCEPTS } from '../../scripts/demo/stories/index.ts'

/** The firings of one feature: token numbers and activations. */
export interface Firings {
  token: Uint32Array
  value: Float32Array
}
/** How well one feature, taken as a detector with a threshold, finds the tokens of a concept. */
export interface ConceptMatch {
  concept: string
  /** Tokens that are about it. */
  tokens: number
  /** −1 where no feature fires on it at all. */
  feature: number
  /** 2·precision·recall / (precision + recall), at the threshold where it is highest. */
  f1: number
  precision: number
  recall: number
  /** Fires where the activation is at least this. */
  threshold: number
}

/** More firings than this of one feature cannot be told apart by `strongestFirst`. */
const MOST_FIRINGS = 2 ** 22

/**
 * The order of firings, strongest first. Positive floats are in the order of their bits, so value and place make one
 * number and the platform's own sort of numbers does the rest, several times as fast as one that calls back.
 */
function strongestFirst(value: Float32Array): Uint32Array {
  if (value.length > MOST_FIRINGS) throw new Error(`${value.length} firings of one feature`)
  const bits = new Uint32Array(value.buffer, value.byteOffset, value.length)
  const keys = Float64Array.from(bits, (b, i) => b * MOST_FIRINGS + i).sort()
  return Uint32Array.from(keys, (key) => key % MOST_FIRINGS).reverse()
}

/**
 * For every concept the feature with the best F1 over all thresholds of its activation. One pass over each feature's
 * firings, strongest first: lowering the threshold admits one firing after the other.
 * @param masks [T] bit c is set on tokens of CONCEPTS[c]
 * @param counted tokens that count; others (position 0) are neither hits nor misses
 */
export function bestFeatures(
  masks: Uint32Array,
  counted: (token: number) => boolean,
  features: Iterable<readonly [feature: number, Firings]>,
): ConceptMatch[] {
  const tokens = CONCEPTS.map(() => 0)
  for (let t = 0; t < masks.length; t++)
    if (counted(t)) for (let c = 0; c < CONCEPTS.length; c++) tokens[c] += (masks[t] >>> c) & 1
  const best = CONCEPTS.map((concept, c): ConceptMatch => ({
    concept,
    tokens: tokens[c],
    feature: -1,
    f1: 0,
    precision: 0,
    recall: 0,
    threshold: 0,
  }))
  for (const [feature, { token, value }] of features) {
    const order = strongestFirst(value)
    const hits = new Uint32Array(CONCEPTS.length)
    for (let n = 0; n < order.length; n++) {
      const firing = order[n]
      const mask = masks[token[firing]]
      for (let c = 0; c < CONCEPTS.length; c++) hits[c] += (mask >>> c) & 1
      // Firings of one activation come in together: the threshold cannot tell them apart.
      if (n + 1 < order.length && value[order[n + 1]] === value[firing]) continue
      for (let c = 0; c < CONCEPTS.length; c++) {
        const f1 = (2 * hits[c]) / (n + 1 + tokens[c])
        if (f1 > best[c].f1)
          best[c] = {
            ...best[c],
            feature,
            f1,
            precision: hits[c] / (n + 1),
            recall: hits[c] / tokens[c],
            threshold: value[firing],
          }
      }
    }
  }
  return best
}
