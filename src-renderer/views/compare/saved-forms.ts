import { compareReport, flatReport } from '#contract/compare-report.ts'
import { jsonText } from '#contract/json-text.ts'
import { csvText } from '#figures/table.ts'
import type { ComparisonState } from './comparison-state.svelte.ts'
import type { SideName } from './side.ts'

/** Every feature of one SAE with what the comparison says of it. */
function featuresCsv(shown: ComparisonState, name: SideName): string {
  const side = shown.side(name)
  const columns: [string, ((j: number) => string | number) | null][] = [
    ['feature', (j) => j],
    ['label', (j) => side.labels.get(j) ?? ''],
    [`largest ${shown.measure}`, (j) => (side.nearest[j] < 0 ? '' : side.similarity[j])],
    ['nearest in the other', (j) => side.nearest[j]],
    [name === 'b' ? 'novel' : 'not in B', (j) => (shown.isNovel(name, j) ? 1 : 0)],
    ['largest pearson', side.maxPearson && ((j) => side.maxPearson![j])],
    ['masked cosine', side.maskedCosine && ((j) => side.maskedCosine![j])],
    ['density', side.density && ((j) => side.density![j])],
    ['delta mse', side.deltaMse && ((j) => side.deltaMse![j])],
  ]
  const known = columns.flatMap(([title, value]) => (value ? [{ title, value }] : []))
  return csvText({
    columns: known.map(({ title }) => title),
    rows: Array.from({ length: side.count }, (_, j) => known.map(({ value }) => value(j))),
  })
}

function edgesCsv({ edges, threshold, measure }: ComparisonState): string {
  const rows: number[][] = []
  for (let e = 0; e < edges.cosine.length && edges.cosine[e] > threshold; e++)
    rows.push([edges.a[e], edges.b[e], edges.cosine[e]])
  return csvText({ columns: ['feature of A', 'feature of B', measure], rows })
}

/** A whole comparison as files; the JSON is what `suture compare --json` prints. */
export const savedForms = (shown: ComparisonState) => [
  {
    label: 'Everything at this threshold (JSON)',
    ending: 'json' as const,
    content: () => jsonText(flatReport(compareReport(shown.comparison, shown.arrays, shown.threshold))),
  },
  {
    label: 'Features of B (CSV)',
    ending: 'csv' as const,
    name: 'features of B',
    content: () => featuresCsv(shown, 'b'),
  },
  {
    label: 'Features of A (CSV)',
    ending: 'csv' as const,
    name: 'features of A',
    content: () => featuresCsv(shown, 'a'),
  },
  {
    label: 'Pairs above the threshold (CSV)',
    ending: 'csv' as const,
    name: 'pairs above the threshold',
    content: () => edgesCsv(shown),
  },
]
