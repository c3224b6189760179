import type { FeatureTable } from '#contract/feature.ts'
import type { FeatureLabel } from '#contract/label.ts'
import { tableLines } from './feature-lines.ts'

export interface FeatureRow {
  feature: number
  density: number
  count: number
  max: number
  mean: number
  meanWhereFiring: number | null
  decoderNorm: number
  encoderDecoderCosine: number
  dimensionality: number
  label: string
  tags: string[]
  starred: boolean
  uninterpretable: boolean
}

/** Which number each --sort goes by; the largest first. */
export const SORTS = {
  number: (row: FeatureRow) => -row.feature,
  density: (row: FeatureRow) => row.density,
  max: (row: FeatureRow) => row.max,
  mean: (row: FeatureRow) => row.mean,
  norm: (row: FeatureRow) => row.decoderNorm,
  cosine: (row: FeatureRow) => row.encoderDecoderCosine,
  dimensionality: (row: FeatureRow) => row.dimensionality,
} satisfies Record<string, (row: FeatureRow) => number>
export type Sort = keyof typeof SORTS

export function featureRows(table: FeatureTable, labels: readonly FeatureLabel[]): FeatureRow[] {
  const said = new Map(labels.map((label) => [label.feature, label]))
  const T = table.index.countedTokens
  return Array.from(table.count, (count, feature) => ({
    feature,
    density: T === 0 ? 0 : count / T,
    count,
    max: table.max[feature],
    mean: T === 0 ? 0 : table.sum[feature] / T,
    meanWhereFiring: count === 0 ? null : table.sum[feature] / count,
    decoderNorm: table.decoderNorm[feature],
    encoderDecoderCosine: table.encoderDecoderCosine[feature],
    dimensionality: table.dimensionality[feature],
    label: said.get(feature)?.label ?? '',
    tags: said.get(feature)?.tags ?? [],
    starred: said.get(feature)?.starred ?? false,
    uninterpretable: said.get(feature)?.uninterpretable ?? false,
  }))
}

export function sortRows(rows: readonly FeatureRow[], sort: Sort, ascending: boolean): FeatureRow[] {
  const by = SORTS[sort]
  const sign = ascending ? -1 : 1
  return rows.toSorted((a, b) => sign * (by(b) - by(a)) || a.feature - b.feature)
}

export const listLines = (rows: readonly FeatureRow[]): string =>
  tableLines(
    ['feature', 'density %', 'max', 'mean firing', 'norm', 'label'],
    rows.map((row) => [
      String(row.feature),
      (100 * row.density).toPrecision(3),
      row.max.toFixed(3),
      row.meanWhereFiring?.toFixed(3) ?? '–',
      row.decoderNorm.toFixed(3),
      `${row.starred ? '★ ' : ''}${row.uninterpretable ? '(uninterpretable) ' : ''}${row.label}`,
    ]),
  )
