import { byRelation, orderedPairs, RELATIONS, type Relation } from '#contract/pair-relations.ts'
import type { ReportNumbers } from '#contract/report.ts'
import type { ChartTable } from '#figures/table.ts'

/** The tables of a report, with every number as it is. */
export interface ReportTable extends ChartTable {
  /** Name of its file, without ending. */
  name: string
}

type Cell = string | number | null | boolean
const cells = (row: readonly Cell[]): (string | number)[] =>
  row.map((cell) => (cell === null ? '' : typeof cell === 'boolean' ? (cell ? 'yes' : 'no') : cell))

export const relationName = (relation: Relation): string =>
  RELATIONS.find((one) => one.relation === relation)?.name ?? relation

/** One line an ordered pair. */
export function pairsTable(numbers: ReportNumbers): ReportTable {
  const { saes, mcs, mcsRandom, pearson, pearsonRandom } = numbers
  return {
    name: 'pairs',
    columns: [
      'from',
      'from_name',
      'in',
      'in_name',
      'relation',
      'mean_max_cosine',
      'random_mean_max_cosine',
      'mean_max_pearson',
      'random_mean_max_pearson',
    ],
    rows: orderedPairs(numbers).map(({ from: i, to: j, relation }) =>
      cells([
        ...[saes[i].id, saes[i].name, saes[j].id, saes[j].name, relationName(relation)],
        ...[mcs[i][j], mcsRandom[i][j], pearson[i][j], pearsonRandom[i][j]],
      ]),
    ),
  }
}

/** One line an SAE. */
export function saesTable({ saes }: ReportNumbers): ReportTable {
  return {
    name: 'saes',
    columns: [
      ...['id', 'name', 'model', 'hook_point', 'kind', 'd_in', 'd_sae', 'baseline', 'seed', 'trained_tokens'],
      ...['tokens', 'position_0_left_out', 'l0', 'mse', 'explained_variance', 'dead'],
      ...['mean_activation_norm', 'mean_reconstruction_norm', 'mean_decoder_norm'],
    ],
    rows: saes.map(({ metrics, norms, ...sae }) =>
      cells([
        ...[sae.id, sae.name, sae.modelName, sae.hookName, sae.architecture, sae.dIn, sae.dSae],
        ...[sae.baseline, sae.seed, sae.trainedTokens],
        ...[metrics?.tokens ?? null, metrics?.skippedPosition0 ?? null, metrics?.l0 ?? null],
        ...[metrics?.mse ?? null, metrics?.explainedVariance ?? null, metrics?.dead ?? null],
        ...[norms?.activation ?? null, norms?.reconstruction ?? null, norms?.decoder ?? null],
      ]),
    ),
  }
}

/** Means of the pairs of each relation, their baselines beside them. */
export const relationsTable = (numbers: ReportNumbers): ReportTable => ({
  name: 'relations',
  columns: [
    ...['relation', 'ordered_pairs', 'mean_max_cosine', 'random_mean_max_cosine'],
    ...['mean_max_pearson', 'random_mean_max_pearson'],
  ],
  rows: byRelation(numbers).map((row) =>
    cells([relationName(row.relation), row.pairs, row.mcs, row.mcsRandom, row.pearson, row.pearsonRandom]),
  ),
})

/** One line a bin of a density histogram. */
export const densitiesTable = ({ saes }: ReportNumbers): ReportTable => ({
  name: 'densities',
  columns: ['id', 'name', 'log10_density_from', 'log10_density_to', 'features'],
  rows: saes.flatMap(({ id, name, density }) =>
    (density?.counts ?? []).map((count, n) => {
      const from = density!.from + n * density!.width
      return [id, name, from, from + density!.width, count]
    }),
  ),
})

export const reportTables = (numbers: ReportNumbers): ReportTable[] => [
  saesTable(numbers),
  pairsTable(numbers),
  relationsTable(numbers),
  ...(numbers.tokens === null ? [] : [densitiesTable(numbers)]),
]
