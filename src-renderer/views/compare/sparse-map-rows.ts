import type { SparseMap } from '#contract/compare.ts'
import { jsonText } from '#contract/json-text.ts'
import { csvText } from '#figures/table.ts'
import type { ComparisonState } from './comparison-state.svelte.ts'

export interface Predictor {
  feature: number
  weight: number
}

/** The predictors of a feature of B with a weight, the largest first. */
export function predictorsOf({ predictor, weight, candidates }: SparseMap, feature: number): Predictor[] {
  const from = feature * candidates
  const found: Predictor[] = []
  for (let n = from; n < from + candidates && predictor[n] >= 0; n++)
    found.push({ feature: predictor[n], weight: weight[n] })
  return found
}

/** A sparse map as files: a line a weight, and everything. */
export function sparseMapForms(map: SparseMap, shown: ComparisonState) {
  const name = `sparse map ${map.kind}`
  const { aId, bId } = shown.comparison
  return [
    {
      label: 'Weights (CSV)',
      ending: 'csv' as const,
      name,
      content: () =>
        csvText({
          columns: ['b', 'b label', 'r2', 'a', 'a label', 'weight'],
          rows: [...map.r2.keys()].flatMap((b) =>
            predictorsOf(map, b).map(({ feature, weight }) => [
              b,
              shown.b.labels.get(b) ?? '',
              map.r2[b],
              feature,
              shown.a.labels.get(feature) ?? '',
              weight,
            ]),
          ),
        }),
    },
    {
      label: 'Everything (JSON)',
      ending: 'json' as const,
      name,
      content: () => jsonText({ aId, bId, ...map }),
    },
  ]
}
