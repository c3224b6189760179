import type { FeatureTable } from '#contract/feature.ts'
import type { IndexReader } from './index-reader.ts'

/** The statistics of all features, as the renderer sorts and filters them. */
export function featureTable({ index, statistics, directions }: IndexReader): FeatureTable {
  const unknown = (): Float32Array => new Float32Array(index.dSae).fill(NaN)
  return {
    index,
    count: statistics.count,
    max: statistics.max,
    sum: statistics.sum,
    decoderNorm: directions?.decoderNorm ?? unknown(),
    encoderDecoderCosine: directions?.encoderDecoderCosine ?? unknown(),
    dimensionality: directions?.dimensionality ?? unknown(),
  }
}
