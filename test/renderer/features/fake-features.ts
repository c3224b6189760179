// Features, labels and pages in memory, the same at every run.
import type { FeatureIndex } from '#contract/feature-index.ts'
import type { FeatureExample, FeaturePage, FeatureTable, TokenWindow } from '#contract/feature.ts'
import type { ActivationSetId, IndexId, SaeId } from '#contract/ids.ts'
import type { FeatureStatistics } from '../../../src-renderer/state/feature-order.ts'
import type { FeatureLabel } from '#contract/label.ts'
import { noise } from '../fake-workspace.ts'

export const fakeIndex = (dSae: number): FeatureIndex => ({
  id: 'i-stories1' as IndexId,
  name: 'topk 256 k 16 on tinystories',
  createdAt: '2026-03-12T10:00:00.000Z',
  provenance: { madeBy: 'index', from: [], parameters: {}, version: '0.1.0' },
  saeId: 's-topk0000' as SaeId,
  activationSetId: 'a-resid2aa' as ActivationSetId,
  parts: [{ activationSetId: 'a-resid2aa' as ActivationSetId, tokens: 1008, normLimit: null }],
  settings: { skipPosition0: true, maxNormMultiple: null },
  dSae,
  tokens: 1008,
  countedTokens: 1000,
  nonZeros: 16_000,
  bytes: 80_000,
  complete: true,
})

interface Columns {
  count: number[]
  max?: number[]
  dimensionality?: number[]
}
/** A table over 1,000 counted tokens. */
export function fakeTable({ count, max, dimensionality }: Columns): FeatureStatistics {
  const made = (values: number[] | undefined): Float32Array => Float32Array.from(values ?? count.map(() => 1))
  return {
    index: fakeIndex(count.length),
    count: Uint32Array.from(count),
    max: made(max),
    sum: Float64Array.from(count, (n, j) => n * (0.2 + noise(j))),
    decoderNorm: made(undefined),
    encoderDecoderCosine: made(undefined),
    dimensionality: made(dimensionality),
    maxCosine: null,
  }
}

export const fakeLabel = (feature: number, said: Partial<FeatureLabel> = {}): FeatureLabel => ({
  feature,
  label: '',
  notes: '',
  tags: [],
  starred: false,
  uninterpretable: false,
  confidence: null,
  author: 'ada',
  updatedAt: '2026-03-12T10:10:00.000Z',
  ...said,
})

const WORDS = 'Once upon a time , there was a little girl named Lily . She loved to play'.split(' ')
const tokensFrom = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => ` ${WORDS[(first + i) % WORDS.length]}`)

export function fakeWindow(token: number, value: number): TokenWindow {
  const activations = new Float32Array(12)
  activations[6] = value
  activations[7] = value / 3
  return {
    token,
    first: token - 6,
    activationSetId: 'a-resid2aa' as ActivationSetId,
    source: 'tinystories',
    row: Math.floor(token / 126),
    position: token % 126,
    before: 3,
    after: 5,
    tokens: tokensFrom(token, 12),
    activations: [activations],
    leftOut: [],
  }
}
const example = (token: number, value: number): FeatureExample => ({
  value,
  window: fakeWindow(token, value),
})

/** A page with three top examples and two intervals that have any. */
export function fakePage(feature: number, table: FeatureTable): FeaturePage {
  const count = table.count[feature]
  const max = table.max[feature]
  return {
    feature,
    statistics: {
      countedTokens: 1000,
      count,
      density: count / 1000,
      max,
      mean: table.sum[feature] / 1000,
      meanWhereFiring: count === 0 ? null : table.sum[feature] / count,
      decoderNorm: 1,
      encoderDecoderCosine: 0.8,
      dimensionality: 0.4,
    },
    top: count === 0 ? [] : [0, 1, 2].map((i) => example(100 + 40 * i, max - i / 10)),
    intervals:
      count === 0
        ? []
        : Array.from({ length: 10 }, (_, i) => ({
            from: (max * (9 - i)) / 10,
            to: (max * (10 - i)) / 10,
            count: i === 0 || i === 9 ? 3 : 0,
            share: i === 0 || i === 9 ? 0.5 : 0,
            examples: i === 0 || i === 9 ? [example(300 + i, (max * (9.5 - i)) / 10)] : [],
          })),
    histogram: Uint32Array.from({ length: 50 }, (_, i) => (count === 0 ? 0 : 50 - i)),
  }
}
