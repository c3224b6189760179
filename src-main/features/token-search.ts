import type { TokenSearch } from '#contract/feature.ts'
import { problem } from '#contract/problem.ts'
import { isPosition0 } from './encode-part.ts'
import type { Tokenizer } from '../language-model/tokenizer.ts'
import type { FeatureSources } from './feature-sources.ts'
import { firingOn } from './firing-on.ts'
import type { IndexReader } from './index-reader.ts'
import type { Postings } from './postings.ts'

/** Rows read at once. */
const ROWS = 256

/** A word as the model reads it: one token, or several in a row. */
type Form = readonly number[]

/**
 * Features that fire on a token (of a word of several tokens, on its last), those first that fire on it most often and
 * on little else: by the harmonic mean of recall and precision.
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
  const forms = formsOf(tokenizer, text)
  const occurrences = occurrencesOf(sources, reader, forms)
  const found = occurrences.token.length > 0 ? firingOn(reader, occurrences).features : []
  const features = found.map(({ feature, fires, sum }) => ({
    feature,
    fires,
    recall: fires / occurrences.token.length,
    precision: fires / reader.statistics.count[feature],
    mean: sum / fires,
  }))
  const score = ({ recall, precision }: (typeof features)[number]): number =>
    (recall * precision) / (recall + precision)
  return {
    forms: forms.map((form) => form.map((id) => tokenizer.token(id))),
    occurrences: occurrences.token.length,
    features: features.sort((a, b) => score(b) - score(a) || a.feature - b.feature).slice(0, count),
  }
}

/**
 * The tokens that read as the text, spaces around them apart: in its case, or else in any. Where no single token does,
 * the rows of tokens it is written with.
 */
export function formsOf(tokenizer: Tokenizer, text: string): Form[] {
  const vocabulary = tokenizer.tokenStrings()
  // Only where the text is nothing but space do spaces say something.
  const plain = (token: string): string => (text.trim() === '' ? token : token.trim())
  const matching = (form: (token: string) => string): number[] =>
    [...vocabulary.keys()].filter((id) => form(plain(vocabulary[id])) === form(plain(text)))
  const exact = matching((token) => token)
  const single = exact.length > 0 ? exact : matching((token) => token.toLowerCase())
  if (single.length > 0) return single.map((id) => [id])
  const written = [text.trim(), ` ${text.trim()}`].map((spelt) => tokenizer.encode(spelt))
  return written.filter((form, i) => form.length > 0 && (i === 0 || form.join() !== written[0].join()))
}

/** Counted tokens of the index on which one of the forms ends, with weight 1. */
function occurrencesOf(sources: FeatureSources, reader: IndexReader, forms: readonly Form[]): Postings {
  const found: number[] = []
  let first = 0
  for (const part of reader.index.parts) {
    const activations = sources.activations(part.activationSetId)
    const { contextSize } = activations.set
    for (let from = 0; from < part.tokens; from += contextSize * ROWS) {
      const ids = activations.ids(from, Math.min(contextSize * ROWS, part.tokens - from))
      for (let i = 0; ids && i < ids.length; i++)
        if (
          !isPosition0(from + i, contextSize, reader.index.settings) &&
          endsHere(forms, ids, i, i % contextSize)
        )
          found.push(first + from + i)
    }
    first += part.tokens
  }
  const leftOut = new Set(reader.leftOut(0, reader.index.tokens))
  const token = Uint32Array.from(found.filter((t) => t < reader.index.tokens && !leftOut.has(t)))
  return { token, value: new Float32Array(token.length).fill(1) }
}

/** Whether one of the forms ends with `ids[at]`, which is at `position` of its row: a form never spans rows. */
function endsHere(forms: readonly Form[], ids: Int32Array, at: number, position: number): boolean {
  return forms.some(
    (form) => form.length <= position + 1 && form.every((id, i) => ids[at - form.length + 1 + i] === id),
  )
}
