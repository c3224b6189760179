// A comparison at a threshold as one document: what the command line prints and the window saves. Pure.
import type { Comparison, ComparisonArrays, Matches } from './compare.ts'
import { spanningForest, swapComponents } from './swap-graph.ts'
import { bestSplit, effectCurve, effectTable, type EffectCounts } from './threshold.ts'

const all = ({ falls, rises, unchanged }: EffectCounts): number => falls + rises + unchanged

/** The best of each feature: its value (null where there is none) and the feature of the other SAE. */
function best({ k, value, feature }: Matches): { max: (number | null)[]; argmax: number[] } {
  const features = [...feature.keys()].filter((n) => n % k === 0)
  return {
    max: features.map((n) => (feature[n] < 0 ? null : value[n])),
    argmax: features.map((n) => feature[n]),
  }
}
const bothBest = (both: { aToB: Matches; bToA: Matches }) => ({
  aToB: best(both.aToB),
  bToA: best(both.bToA),
})

function componentsAt(
  { aCount, bCount }: Comparison,
  { edges }: NonNullable<ComparisonArrays['cosine']>,
  threshold: number,
) {
  const found = swapComponents(spanningForest(edges, aCount, bCount), aCount, bCount, threshold)
  const list = Array.from({ length: found.count }, (_, c) => ({
    a: [...found.aFeature.subarray(found.aStart[c], found.aStart[c + 1])],
    b: [...found.bFeature.subarray(found.bStart[c], found.bStart[c + 1])],
    maxCosine: found.maxCosine[c],
  }))
  return { count: found.count, shapes: found.shapes, list }
}

function cosineReport(
  comparison: Comparison,
  cosine: NonNullable<ComparisonArrays['cosine']>,
  deltaMse: Float64Array | null,
  threshold: number,
) {
  const { aToB, bToA } = bothBest(cosine)
  const maxCosine = Float32Array.from(bToA.max, (c) => c ?? -1)
  const curve = effectCurve(maxCosine, deltaMse)
  const table = effectTable(curve, threshold)
  return {
    mcs: comparison.cosine?.mcs,
    nullLine: comparison.cosine?.nullLine,
    maxCosine: { aToB: aToB.max, bToA: bToA.max },
    argmax: { aToB: aToB.argmax, bToA: bToA.argmax },
    counts: { novel: all(table.novel), reconstruction: all(table.reconstruction) },
    novel: [...maxCosine.keys()].filter((j) => maxCosine[j] <= threshold),
    table: deltaMse && table,
    bestSplit: deltaMse && bestSplit(curve),
    components: componentsAt(comparison, cosine, threshold),
  }
}

function activationReport(
  summary: NonNullable<Comparison['activations']>,
  arrays: NonNullable<ComparisonArrays['activations']>,
) {
  return {
    ...summary,
    baseMse: summary.a?.mse ?? null,
    deltaMse: arrays.deltaMse,
    pearson: bothBest(arrays.pearson),
    pearsonByChance: arrays.pearsonByChance && bothBest(arrays.pearsonByChance),
    maskedCosine: arrays.maskedCosine && bothBest(arrays.maskedCosine),
    aDensity: arrays.aDensity,
    bDensity: arrays.bDensity,
  }
}

/** A comparison at a threshold as one document. aToB: features of A looked for in B; novel: features of B. */
export function compareReport(comparison: Comparison, arrays: ComparisonArrays, threshold: number) {
  const { cosine, activations } = arrays
  return {
    id: comparison.id,
    a: { id: comparison.aId, features: comparison.aCount },
    b: { id: comparison.bId, features: comparison.bCount },
    threshold,
    directions: cosine && cosineReport(comparison, cosine, activations?.deltaMse ?? null, threshold),
    activations:
      activations && comparison.activations && activationReport(comparison.activations, activations),
  }
}
export type CompareReport = ReturnType<typeof compareReport>

/** As printed: what is known of the directions stands at the top. */
export function flatReport({ directions, ...rest }: CompareReport) {
  return { ...rest, ...directions }
}
