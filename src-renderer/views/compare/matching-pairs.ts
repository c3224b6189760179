import type { Matching } from '#contract/compare.ts'
import { jsonText } from '#contract/json-text.ts'
import { csvText } from '#figures/table.ts'
import type { ComparisonState } from './comparison-state.svelte.ts'

/** A matched pair, as the table lists it. */
export interface MatchedPair {
  a: number
  b: number
  weight: number
}

/** The pairs, the strongest first. */
export function pairsOf({ bOfA, weight }: Matching): MatchedPair[] {
  const pairs: MatchedPair[] = []
  bOfA.forEach((b, a) => {
    if (b >= 0) pairs.push({ a, b, weight: weight[a] })
  })
  return pairs.sort((x, y) => y.weight - x.weight)
}

/** A matching as files: the pairs, and the permutation that it is. */
export function matchingForms(matching: Matching, shown: ComparisonState) {
  const { by, mean, randomMean, allPairs, bOfA, weight } = matching
  const { aId, bId } = shown.comparison
  const name = `matching by ${by}`
  return [
    {
      label: 'Pairs (CSV)',
      ending: 'csv' as const,
      name,
      content: () =>
        csvText({
          columns: ['a', 'a label', 'b', 'b label', by, 'a largest', 'b largest'],
          rows: pairsOf(matching).map((pair) => [
            pair.a,
            shown.a.labels.get(pair.a) ?? '',
            pair.b,
            shown.b.labels.get(pair.b) ?? '',
            pair.weight,
            shown.a.similarity[pair.a],
            shown.b.similarity[pair.b],
          ]),
        }),
    },
    {
      label: 'Permutation (JSON)',
      ending: 'json' as const,
      name: `permutation by ${by}`,
      content: () => jsonText({ aId, bId, by, mean, randomMean, allPairs, bOfA, weight }),
    },
    {
      // what numpy.loadtxt reads: line i is the feature of B that feature i of A is matched with, −1 for none
      label: 'Permutation (text, a line a feature of A)',
      ending: 'txt' as const,
      name: `permutation by ${by}`,
      content: () => `${bOfA.join('\n')}\n`,
    },
  ]
}
