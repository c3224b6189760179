import { jsonText } from '#contract/json-text.ts'
import { splitTree } from '#contract/splitting.ts'
import { csvText } from '#figures/table.ts'
import type { SplittingState } from './splitting-state.svelte.ts'

/** The parent of every feature of all but the narrowest SAE. */
function parentsCsv({ levels, saes, labels, threshold }: SplittingState): string {
  return csvText({
    columns: ['SAE', 'feature', 'label', 'parent', 'cosine', 'is a child'],
    rows: levels.flatMap(({ start, child, cosine }, level) =>
      Array.from({ length: start.length - 1 }, (_, parent) =>
        Array.from({ length: start[parent + 1] - start[parent] }, (_, n) => {
          const at = start[parent] + n
          const label = labels[level + 1].get(child[at]) ?? ''
          return [saes[level + 1].name, child[at], label, parent, cosine[at], cosine[at] > threshold ? 1 : 0]
        }),
      ).flat(),
    ),
  })
}

/** A splitting as files; the JSON is what `suture splitting --json` prints. */
export const splittingForms = (shown: SplittingState) => [
  {
    label: 'Counts and all trees (JSON)',
    ending: 'json' as const,
    name: 'splitting',
    content: () => {
      const { saes, threshold, counts, levels } = shown
      const trees = Array.from({ length: saes[0].dSae }, (_, feature) =>
        splitTree(levels, threshold, { level: 0, feature }),
      )
      return jsonText({ saes: saes.map(({ id }) => id), threshold, counts, trees })
    },
  },
  {
    label: 'Parent of every feature (CSV)',
    ending: 'csv' as const,
    name: 'parents',
    content: () => parentsCsv(shown),
  },
]
