import type { FeatureExample, FeaturePage } from '#contract/feature.ts'
import { activationHistogram, intervalExamples, topExamples, type Example } from './examples.ts'
import type { FeatureSources } from './feature-sources.ts'
import type { IndexReader } from './index-reader.ts'
import { tokenWindows, type WindowSize } from './windows.ts'

export interface PageRequest extends WindowSize {
  feature: number
  top: number
  perInterval: number
  onePerRow: boolean
}

/** All that the page of a feature shows of its activations, from one reading of its postings. */
export async function featurePage(
  sources: FeatureSources,
  reader: IndexReader,
  request: PageRequest,
): Promise<FeaturePage> {
  const { feature, top, perInterval, onePerRow } = request
  const postings = reader.postings(feature)
  const statistics = statisticsOf(reader, feature)
  const best = topExamples(postings, top, onePerRow ? rowNumbers(sources, reader) : undefined)
  const fires = postings.token.length > 0
  const intervals = fires ? intervalExamples(postings, statistics.max, 10, perInterval) : []
  const shown = await withWindows(sources, reader, request, [best, ...intervals.map((i) => i.examples)])
  return {
    feature,
    statistics,
    top: shown[0],
    intervals: intervals.map(({ from, to, count }, i) => ({
      from,
      to,
      count,
      share: count / postings.token.length,
      examples: shown[i + 1],
    })),
    histogram: fires ? activationHistogram(postings, statistics.max) : new Uint32Array(50),
  }
}

export function statisticsOf(reader: IndexReader, feature: number): FeaturePage['statistics'] {
  const { statistics, directions, index } = reader
  const count = statistics.count[feature]
  const sum = statistics.sum[feature]
  const perToken = (total: number): number => (index.countedTokens === 0 ? 0 : total / index.countedTokens)
  return {
    countedTokens: index.countedTokens,
    count,
    density: perToken(count),
    max: statistics.max[feature],
    mean: perToken(sum),
    meanWhereFiring: count === 0 ? null : sum / count,
    decoderNorm: directions?.decoderNorm[feature] ?? null,
    encoderDecoderCosine: directions?.encoderDecoderCosine[feature] ?? null,
    dimensionality: directions?.dimensionality[feature] ?? null,
  }
}

/** A number for the row each token lies in, different for every row of every part. */
function rowNumbers(sources: FeatureSources, reader: IndexReader): (token: number) => number {
  const parts: { first: number; contextSize: number; rowsBefore: number }[] = []
  let first = 0
  let rowsBefore = 0
  for (const { activationSetId, tokens } of reader.index.parts) {
    const { contextSize } = sources.activations(activationSetId).set
    parts.push({ first, contextSize, rowsBefore })
    first += tokens
    rowsBefore += Math.ceil(tokens / contextSize)
  }
  return (token) => {
    const part = parts.findLast((p) => p.first <= token)!
    return part.rowsBefore + Math.floor((token - part.first) / part.contextSize)
  }
}

/** Lists of examples with the tokens around each, read together. */
async function withWindows(
  sources: FeatureSources,
  reader: IndexReader,
  request: PageRequest,
  lists: readonly Example[][],
): Promise<FeatureExample[][]> {
  const postings = reader.postings(request.feature)
  const shown = { postings, indexedTokens: reader.index.tokens }
  const tokens = lists.flat().map(({ token }) => token)
  const windows = await tokenWindows(sources, reader, tokens, [shown], request)
  let at = 0
  return lists.map((list) => list.map(({ value }) => ({ value, window: windows[at++] })))
}
