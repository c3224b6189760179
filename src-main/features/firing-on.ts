import type { IndexReader } from './index-reader.ts'
import type { Postings } from './postings.ts'
import { hashToken } from './sketch.ts'

/** What a feature does on a set of tokens. */
export interface FiringOn {
  feature: number
  /** Tokens of the set it fires on. */
  fires: number
  /** Σ a over them. */
  sum: number
  /** Σ a·b over them, b the weight of each token of the set. */
  products: number
}

/** Tokens of the sketch that are enough to find candidates by. */
const SAMPLE = 2000
/** With fewer, every feature is looked at. */
const FEWEST = 8
/** Candidates by number of firings, and as many by firings against what is usual for the feature. */
const CANDIDATES = 64

/**
 * Which features fire on some tokens (ascending, with a weight each), and how much. The sketch finds candidates; their
 * numbers are then exact over all the tokens. Where the sketch has too few of the tokens to say, all features are read.
 */
export function firingOn(
  reader: IndexReader,
  tokens: Postings,
): { sampledTokens: number; features: FiringOn[] } {
  const counts = new Uint32Array(reader.statistics.count.length)
  const sampledTokens = countSketched(reader, tokens.token, counts)
  const candidates = sampledTokens < FEWEST ? firing(reader) : mostFiring(reader, counts)
  const features = candidates.map((feature) => overlap(feature, reader.postings(feature), tokens))
  return { sampledTokens, features: features.filter(({ fires }) => fires > 0) }
}

/** Adds up the features that fire on those of `tokens` that the sketch has, at most SAMPLE of them; returns how many. */
function countSketched(reader: IndexReader, tokens: Uint32Array, counts: Uint32Array): number {
  // Lowest hashes: a part of the sketch that is itself a fair sample.
  const share = Math.min(reader.sketchRate, (1.25 * SAMPLE) / tokens.length)
  const chosen = tokens.filter((token) => hashToken(token) < share * 2 ** 32).subarray(0, 2 * SAMPLE)
  let found = 0
  for (const token of chosen) {
    const features = reader.sketched(token)
    if (!features) continue
    found++
    for (const feature of features) counts[feature]++
  }
  return found
}

/** Every feature that ever fires. */
const firing = ({ statistics }: IndexReader): number[] =>
  [...statistics.count.keys()].filter((feature) => statistics.count[feature] > 0)

function mostFiring({ statistics }: IndexReader, counts: Uint32Array): number[] {
  const seen = [...counts.keys()].filter((feature) => counts[feature] > 0)
  const best = (score: (feature: number) => number): number[] =>
    seen.toSorted((a, b) => score(b) - score(a) || a - b).slice(0, CANDIDATES)
  const byNumber = best((feature) => counts[feature])
  // Like a cosine: a feature that fires everywhere does not come first for that alone.
  const byShare = best((feature) => counts[feature] / Math.sqrt(statistics.count[feature]))
  return [...new Set([...byNumber, ...byShare])]
}

/** Walks both ascending lists at once. */
function overlap(feature: number, postings: Postings, tokens: Postings): FiringOn {
  const result = { feature, fires: 0, sum: 0, products: 0 }
  for (let i = 0, j = 0; i < postings.token.length && j < tokens.token.length;) {
    const difference = postings.token[i] - tokens.token[j]
    if (difference === 0) {
      result.fires++
      result.sum += postings.value[i]
      result.products += postings.value[i] * tokens.value[j]
    }
    if (difference <= 0) i++
    if (difference >= 0) j++
  }
  return result
}
