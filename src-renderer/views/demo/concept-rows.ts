import type { ConceptMatch, SaeConcepts } from '#contract/demo.ts'
import type { ChartTable } from '#figures/table.ts'
import { count, number, percent } from '#figures/number.ts'

/** What the generator of the stories means by each concept. */
export const EXAMPLES: Record<string, string> = {
  person: 'Alice, Bob, Elena',
  place: 'store, garden, la playa',
  weekday: 'Friday, domingo',
  month: 'March',
  number: '7 + 5 = 12',
  sum: 'the 12 of 7 + 5 = 12',
  operator: '+ − * in sums and code',
  'opening bracket': '( [ {',
  'closing bracket': ') ] }',
  'opening quote': '“ before speech',
  'closing quote': '” after speech',
  'indirect object': 'Alice gave a snack to Bob',
  thing: 'snack, book, ring',
  animal: 'fox, sheep, el gato',
  colour: 'red, brown',
  polite: 'may I ask you to …',
  rude: 'get lost, you fool!',
  'code keyword': 'def, if, return',
  'code name': 'size, left',
  Spanish: 'El lunes, Ana fue al parque',
}

/** One concept: the best feature of each SAE, in the order of the SAEs. */
export interface ConceptRow {
  concept: string
  /** Tokens that are about it. */
  tokens: number
  matches: ConceptMatch[]
}

/** The table of concepts by SAE. */
export function conceptRows(concepts: readonly SaeConcepts[]): ConceptRow[] {
  return (concepts[0]?.matches ?? []).map(({ concept, tokens }, row) => ({
    concept,
    tokens,
    matches: concepts.map(({ matches }) => matches[row]),
  }))
}

/** The number of the SAE whose feature finds a concept best. */
export const bestOf = ({ matches }: ConceptRow): number =>
  matches.reduce((best, { f1 }, at) => (f1 > matches[best].f1 ? at : best), 0)

/** Mean over the concepts of the best F1 of an SAE. */
export const meanF1 = ({ matches }: SaeConcepts): number =>
  matches.reduce((sum, { f1 }) => sum + f1, 0) / matches.length

/**
 * F1 of a detector that knows nothing: firing at random finds a concept of frequency p with precision p, and does best
 * where it fires on every token: 2p / (1 + p).
 */
export const chanceF1 = (tokens: number, all: number): number => (2 * tokens) / (all + tokens)

/** The numbers behind a bar. */
export const matchTip = ({ feature, precision, recall, tokens, threshold }: ConceptMatch): string =>
  feature < 0
    ? 'No feature fires on it'
    : [
        `feature ${feature}, firing at ${number(threshold, 3)} or more:`,
        `precision ${percent(precision)} (of its tokens are about it)`,
        `recall ${percent(recall)} (of the ${count(tokens)} tokens about it are found)`,
      ].join('\n')

/** The concepts for which a feature is the best of its SAE, best first; those it finds no better than chance left out. */
export const conceptsOf = (
  concepts: readonly SaeConcepts[],
  saeId: string,
  feature: number,
): ConceptMatch[] =>
  concepts
    .filter((sae) => sae.saeId === saeId)
    .flatMap(({ tokens, matches }) =>
      matches.filter((match) => match.feature === feature && match.f1 > chanceF1(match.tokens, tokens)),
    )
    .sort((x, y) => y.f1 - x.f1)

/** For the CSV: a line for each concept and SAE. */
export const conceptTable = (
  concepts: readonly SaeConcepts[],
  nameOf: (id: string) => string,
): ChartTable => ({
  columns: ['concept', 'SAE', 'tokens', 'chance F1', 'feature', 'F1', 'precision', 'recall', 'threshold'],
  rows: concepts.flatMap(({ saeId, tokens: all, matches }) =>
    matches.map(({ concept, tokens, feature, f1, precision, recall, threshold }) => [
      concept,
      nameOf(saeId),
      tokens,
      chanceF1(tokens, all),
      feature,
      f1,
      precision,
      recall,
      threshold,
    ]),
  ),
})
