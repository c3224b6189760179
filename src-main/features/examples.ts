import type { Postings } from './postings.ts'
import { hashToken } from './sketch.ts'

/** One token a feature fires on. */
export interface Example {
  token: number
  value: number
}

/** A tenth of the range of a feature's activations, with some of its members. */
export interface Interval {
  /** Activations a with from ≤ a < to; the last interval has its upper end in it. */
  from: number
  to: number
  /** Tokens in it. */
  count: number
  examples: Example[]
}

/** Strongest first; of equal activations the earlier token first. */
export const byRank = (a: Example, b: Example): number => b.value - a.value || a.token - b.token

/** Of every run of tokens with the same `rowOf`, the strongest. */
function strongestOfRows({ token, value }: Postings, rowOf: (token: number) => number): Postings {
  const kept = { token: new Uint32Array(token.length), value: new Float32Array(token.length) }
  let rows = 0
  for (let i = 0; i < token.length; i++) {
    const sameRow = i > 0 && rowOf(token[i]) === rowOf(token[i - 1])
    if (sameRow && value[i] <= kept.value[rows - 1]) continue
    const at = sameRow ? rows - 1 : rows++
    kept.token[at] = token[i]
    kept.value[at] = value[i]
  }
  return { token: kept.token.subarray(0, rows), value: kept.value.subarray(0, rows) }
}

/**
 * The `n` strongest tokens of a feature, by `byRank`. With `rowOf`, at most one of each row: different passages, not
 * one burst.
 */
export function topExamples(postings: Postings, n: number, rowOf?: (token: number) => number): Example[] {
  const { token, value } = rowOf ? strongestOfRows(postings, rowOf) : postings
  const best: Example[] = []
  for (let i = 0; i < token.length; i++) {
    if (best.length === n && value[i] <= best[n - 1].value) continue
    let at = best.length
    while (at > 0 && best[at - 1].value < value[i]) at--
    best.splice(at, 0, { token: token[i], value: value[i] })
    if (best.length > n) best.pop()
  }
  return best
}

/**
 * Examples from `intervals` equal-width intervals of activation between 0 and `max` (SAEDashboard's "quantiles"),
 * `each` of every interval: those whose tokens hash lowest, which is a fair and repeatable choice. Strongest interval
 * first, and within it strongest example first.
 */
export function intervalExamples(postings: Postings, max: number, intervals = 10, each = 5): Interval[] {
  const found: (Interval & { hashes: number[] })[] = Array.from({ length: intervals }, (_, i) => ({
    from: (max * i) / intervals,
    to: (max * (i + 1)) / intervals,
    count: 0,
    examples: [],
    hashes: [],
  }))
  for (let i = 0; i < postings.token.length; i++) {
    const value = postings.value[i]
    const interval = found[binOf(value, max, intervals)]
    interval.count++
    const hash = hashToken(postings.token[i] ^ 0x5bd1e995)
    let at = interval.hashes.length
    if (at === each && hash >= interval.hashes[each - 1]) continue
    while (at > 0 && interval.hashes[at - 1] > hash) at--
    interval.hashes.splice(at, 0, hash)
    interval.examples.splice(at, 0, { token: postings.token[i], value })
    if (interval.hashes.length > each) {
      interval.hashes.pop()
      interval.examples.pop()
    }
  }
  return found.reverse().map(({ hashes: _hashes, ...interval }) => ({
    ...interval,
    examples: interval.examples.sort(byRank),
  }))
}

/** Which of `bins` equal bins of [0, max] a value falls into; max itself into the last. */
export const binOf = (value: number, max: number, bins: number): number =>
  Math.min(bins - 1, Math.floor((value / max) * bins))

/** Firing tokens in each of `bins` equal bins of activation between 0 and `max`. */
export function activationHistogram({ value }: Postings, max: number, bins = 50): Uint32Array {
  const counts = new Uint32Array(bins)
  for (let i = 0; i < value.length; i++) counts[binOf(value[i], max, bins)]++
  return counts
}
