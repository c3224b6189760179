import type { ActivationSet } from '#contract/activation-set.ts'
import type { Corpus } from '#contract/corpus.ts'
import type { TokenWindow } from '#contract/feature.ts'
import type { ActivationSetId } from '#contract/ids.ts'
import type { ActivationReader } from '../activations/reader.ts'
import type { Tokenizer } from '../language-model/tokenizer.ts'
import { isPosition0 } from './encode-part.ts'
import type { FeatureSources } from './feature-sources.ts'
import type { IndexReader } from './index-reader.ts'
import type { Postings } from './postings.ts'
import { sourceName } from './source-name.ts'

/** A feature to show on the tokens of a window: where it fires, and how many tokens that is known of. */
export interface ShownFeature {
  postings: Postings
  indexedTokens: number
}

/** Activations of a feature on tokens [first, first + count): 0 where it does not fire. */
export function activationsOn({ token, value }: Postings, first: number, count: number): Float32Array {
  const out = new Float32Array(count)
  for (let i = firstAtOrAfter(token, first); i < token.length && token[i] < first + count; i++)
    out[token[i] - first] = value[i]
  return out
}

/** The first entry of an ascending list that is at least `wanted`. */
function firstAtOrAfter(ascending: Uint32Array, wanted: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] < wanted) low = middle + 1
    else high = middle
  }
  return low
}

export interface WindowSize {
  /** Tokens before and after the one in the middle, as far as its row goes. */
  before: number
  after: number
}

/** The tokens around each of `tokens`, with the activations of some features on them, in the order asked for. */
export async function tokenWindows(
  sources: FeatureSources,
  reader: IndexReader,
  tokens: readonly number[],
  features: readonly ShownFeature[],
  size: WindowSize,
): Promise<TokenWindow[]> {
  const windows = new Map<number, TokenWindow>()
  const texts = new Map<ActivationSetId, Promise<TextOfSet>>()
  const textOf = (id: ActivationSetId): Promise<TextOfSet> => {
    const known = texts.get(id) ?? textOfSet(sources, id)
    texts.set(id, known)
    return known
  }
  // In token order, so that each chunk of an activation set is read once.
  for (const token of [...new Set(tokens)].sort((a, b) => a - b))
    windows.set(token, await windowAround(textOf, reader, token, features, size))
  return tokens.map((token) => windows.get(token)!)
}

/** What the text of an activation set is read with, looked up once for all windows. */
interface TextOfSet {
  activations: ActivationReader
  corpus: Corpus | undefined
  tokenizer: Tokenizer | undefined
}
async function textOfSet(sources: FeatureSources, id: ActivationSetId): Promise<TextOfSet> {
  const activations = sources.activations(id)
  const { hasTokens, modelId, corpusId } = activations.set
  const tokenizer = hasTokens ? await sources.tokenizer(modelId) : undefined
  return { activations, corpus: sources.corpus(corpusId), tokenizer }
}

async function windowAround(
  textOf: (id: ActivationSetId) => Promise<TextOfSet>,
  reader: IndexReader,
  token: number,
  features: readonly ShownFeature[],
  size: WindowSize,
): Promise<TokenWindow> {
  const { part, tokenInSet } = reader.place(token)
  const { activations, corpus, tokenizer } = await textOf(part.activationSetId)
  const { contextSize, tokens: tokensOfSet } = activations.set
  const row = Math.floor(tokenInSet / contextSize)
  const position = tokenInSet - row * contextSize
  const rowLength = Math.min(contextSize, tokensOfSet - row * contextSize)
  const from = Math.max(0, position - size.before)
  const to = Math.min(rowLength, position + size.after + 1)
  const first = token - position + from
  const ids = activations.ids(row * contextSize + from, to - from)
  const leftOut = leftOutIn(reader, activations.set, tokenInSet - position + from, first, to - from)
  return {
    token,
    first,
    activationSetId: part.activationSetId,
    source: sourceName(activations, corpus, tokenInSet),
    row,
    position,
    before: from,
    after: rowLength - to,
    tokens: ids ? Array.from(ids, (id) => tokenizer?.token(id) ?? `⟨${id}⟩`) : [],
    activations: features.map((feature) => knownActivations(feature, first, to - from, leftOut)),
    leftOut,
  }
}

/** Nothing is known of tokens that were left out or are not indexed: NaN, not 0. */
function knownActivations(
  { postings, indexedTokens }: ShownFeature,
  first: number,
  count: number,
  leftOut: readonly number[],
): Float32Array {
  const activations = activationsOn(postings, first, count)
  for (const offset of leftOut) activations[offset] = NaN
  return activations.fill(NaN, Math.max(0, Math.min(count, indexedTokens - first)))
}

/** Offsets, in a window of `count` tokens, of those that do not count. */
function leftOutIn(
  reader: IndexReader,
  set: ActivationSet,
  inSet: number,
  first: number,
  count: number,
): number[] {
  const { maxNormMultiple } = reader.index.settings
  const aboveNorm =
    maxNormMultiple === null ? [] : reader.leftOut(first, first + count).map((token) => token - first)
  const atStart = isPosition0(inSet, set.contextSize, reader.index.settings) ? [0] : []
  return [...atStart, ...aboveNorm]
}
