import type { TokenSearch } from '#contract/feature.ts'
import { problem } from '#contract/problem.ts'
import { isPosition0 } from './encode-part.ts'
import type { FeatureSources } from './feature-sources.ts'
import { firingOn } from './firing-on.ts'
import type { IndexReader } from './index-reader.ts'
import type { Postings } from './postings.ts'

/** Tokens read at once. */
const CHUNK = 1 << 16

/**
 * Features that fire on a token, those first that fire on it most often and on little else: by the harmonic mean of
 * recall and precision.
 */
export async function searchToken(
  sources: FeatureSources,
  reader: IndexReader,
  text: string,
  count: number,
): Promise<TokenSearch> {
  const set = sources.activations(reader.index.activationSetId).set
  const tokenizer = set.hasTokens ? await sources.tokenizer(set.modelId) : undefined
  if (!tokenizer)
    throw problem(
      'not-available',
      reader.index.name,
      `the activation set "${set.name}" has no tokens with a tokenizer to search by`,
      'Index activations that were harvested from a model.',
    )
  const ids = idsOf(tokenizer.tokenStrings(), text)
  const tokens = [...ids].map((id) => tokenizer.token(id))
  if (ids.size === 0) return { tokens, occurrences: 0, features: [] }
  const occurrences = occurrencesOf(sources, reader, ids)
  const { statistics } = reader
  const features = firingOn(reader, occurrences).features.map(({ feature, fires, sum }) => ({
    feature,
    fires,
    recall: fires / occurrences.token.length,
    precision: fires / statistics.count[feature],
    mean: sum / fires,
  }))
  const score = ({ recall, precision }: (typeof features)[number]): number =>
    (recall * precision) / (recall + precision)
  return {
    tokens,
    occurrences: occurrences.token.length,
    features: features.sort((a, b) => score(b) - score(a) || a.feature - b.feature).slice(0, count),
  }
}

/** Tokens of the vocabulary that read as the text, spaces around them apart; in its case where there are such. */
function idsOf(vocabulary: readonly string[], text: string): Set<number> {
  // Only where the text is nothing but space do spaces say something.
  const plain = (token: string): string => (text.trim() === '' ? token : token.trim())
  const matching = (form: (token: string) => string): number[] =>
    [...vocabulary.keys()].filter((id) => form(plain(vocabulary[id])) === form(plain(text)))
  const exact = matching((token) => token)
  return new Set(exact.length > 0 ? exact : matching((token) => token.toLowerCase()))
}

/** Counted tokens of the index that are one of `ids`, with weight 1. */
function occurrencesOf(sources: FeatureSources, reader: IndexReader, ids: ReadonlySet<number>): Postings {
  const found: number[] = []
  let first = 0
  for (const part of reader.index.parts) {
    const activations = sources.activations(part.activationSetId)
    const { contextSize } = activations.set
    for (let from = 0; from < part.tokens; from += CHUNK) {
      const chunk = activations.ids(from, Math.min(CHUNK, part.tokens - from))
      chunk?.forEach((id, i) => {
        if (ids.has(id) && !isPosition0(from + i, contextSize, reader.index.settings))
          found.push(first + from + i)
      })
    }
    first += part.tokens
  }
  const indexed = found.filter((token) => token < reader.index.tokens)
  const leftOut = new Set(reader.leftOut(0, reader.index.tokens))
  const token = Uint32Array.from(indexed.filter((t) => !leftOut.has(t)))
  return { token, value: new Float32Array(token.length).fill(1) }
}
