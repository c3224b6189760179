import type { Comparison, ComparisonArrays, Matches } from '#contract/compare.ts'
import { spanningForest, swapComponents } from '#contract/swap-graph.ts'
import { bestSplit, effectCurve, effectTable, type EffectCounts } from '#contract/threshold.ts'

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

const fixed = (value: number | undefined, digits = 4): string => value?.toFixed(digits) ?? '–'

function directionLines(report: NonNullable<CompareReport['directions']>, threshold: number): string[] {
  const { mcs, nullLine, counts, table, bestSplit, components } = report
  const shapes = Object.entries(components.shapes).map(([shape, n]) => `${n} ${shape}`)
  const row = (name: 'novel' | 'reconstruction', { falls, rises, unchanged }: EffectCounts): string =>
    [
      name.padEnd(15),
      String(falls).padStart(8),
      String(rises).padStart(8),
      String(unchanged).padStart(13),
    ].join('')
  return [
    `mean max cosine  B in A ${fixed(mcs?.bToA)} (random ${fixed(nullLine?.bToA)}), A in B ${fixed(mcs?.aToB)} (random ${fixed(nullLine?.aToB)})`,
    `at ${threshold}: ${counts.novel} novel, ${counts.reconstruction} reconstruction`,
    `components ${components.count}: ${shapes.join(', ')}`,
    ...(table
      ? [
          '                 ΔMSE<0  ΔMSE>0  never fires',
          row('novel', table.novel),
          row('reconstruction', table.reconstruction),
        ]
      : []),
    ...(bestSplit
      ? [
          `best split ${fixed(bestSplit.threshold, 3)}: foretells ${bestSplit.agreeing} of ${bestSplit.of} signs`,
        ]
      : []),
  ]
}

function activationLines(report: NonNullable<CompareReport['activations']>): string[] {
  const { evaluatedOn, meanMaxPearson, noEffect } = report
  const masking = evaluatedOn.skippedPosition0 ? 'position 0 left out' : 'all positions'
  const why = noEffect ? `; ΔMSE not measured: ${noEffect}` : ''
  return [
    `mean max Pearson B in A ${fixed(meanMaxPearson.bToA)}, A in B ${fixed(meanMaxPearson.aToB)}`,
    `on ${evaluatedOn.tokens.toLocaleString('en')} tokens, ${masking}${why}`,
  ]
}

/** The same for a terminal. */
export function compareLines(report: CompareReport): string {
  const { id, a, b, threshold, directions, activations } = report
  return [
    `${id}: B ${b.id} (${b.features} features) against A ${a.id} (${a.features} features)`,
    ...(directions ? directionLines(directions, threshold) : []),
    ...(activations ? activationLines(activations) : []),
  ].join('\n')
}
