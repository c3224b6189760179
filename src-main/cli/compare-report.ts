import type { CompareReport } from '#contract/compare-report.ts'
import type { EffectCounts } from '#contract/threshold.ts'

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
