import type { CoFiring } from '#contract/feature.ts'
import { firingOn, type FiringOn } from './firing-on.ts'
import type { IndexReader } from './index-reader.ts'

/**
 * The features whose activations go most with those of one feature, strongest correlation first. T counted tokens:
 * Pearson = (T Σab − Σa Σb) / √((T Σa² − (Σa)²)(T Σb² − (Σb)²)), lift = T n_ab / (n_a n_b).
 */
export function coFiring(reader: IndexReader, feature: number, count: number): CoFiring {
  const { sampledTokens, features } = firingOn(reader, reader.postings(feature))
  const compared = features
    .filter((other) => other.feature !== feature)
    .map((other) => ({
      feature: other.feature,
      together: other.fires,
      lift: lift(reader, feature, other),
      correlation: correlation(reader, feature, other),
    }))
  return {
    sampledTokens,
    features: compared.sort((a, b) => b.correlation - a.correlation || a.feature - b.feature).slice(0, count),
  }
}

function lift({ statistics, index }: IndexReader, feature: number, other: FiringOn): number {
  return (other.fires * index.countedTokens) / (statistics.count[feature] * statistics.count[other.feature])
}

function correlation({ statistics, index }: IndexReader, a: number, other: FiringOn): number {
  const b = other.feature
  const T = index.countedTokens
  const { sum, sumOfSquares } = statistics
  const spread = (j: number): number => T * sumOfSquares[j] - sum[j] ** 2
  const spreads = spread(a) * spread(b)
  return spreads > 0 ? (T * other.products - sum[a] * sum[b]) / Math.sqrt(spreads) : 0
}
