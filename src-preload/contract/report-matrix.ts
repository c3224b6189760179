import { drawnNames, sameHook, type AxisOrder } from './report-order.ts'
import type { PairTable, ReportNumbers } from './report.ts'

// The tables of pairs as they are drawn and said: the same in the window and in the page a report is exported as.

export type Measure = 'mcs' | 'pearson'
export interface MeasureWords {
  measure: Measure
  name: string
  /** For captions: what is averaged over what. */
  means: string
  random: string
  randomMeans: string
}
export const MEASURES: readonly MeasureWords[] = [
  {
    measure: 'mcs',
    name: 'mean max cosine',
    means:
      'largest decoder cosine of each feature of the row with a feature of the column, mean over the row’s features',
    random: 'random directions',
    randomMeans: 'expected with as many random directions in place of the column’s features',
  },
  {
    measure: 'pearson',
    name: 'mean max correlation',
    means:
      'largest Pearson correlation of each feature of the row with a feature of the column, over the same tokens, mean over the row’s features that vary',
    random: 'random SAE',
    randomMeans:
      'the same with a randomly initialised SAE in place of the column’s: as many features, as many of them firing on a token',
  },
]
export const measureWords = (measure: Measure): MeasureWords =>
  MEASURES.find((one) => one.measure === measure) ?? MEASURES[0]

/** value: as measured. random: the baseline of the same pair. above: their difference. */
export type Shown = 'value' | 'random' | 'above'

const randomOf = (numbers: ReportNumbers, measure: Measure): PairTable =>
  measure === 'mcs' ? numbers.mcsRandom : numbers.pearsonRandom

export function pairTable(numbers: ReportNumbers, measure: Measure, shown: Shown): PairTable {
  const [value, random] = [numbers[measure], randomOf(numbers, measure)]
  if (shown === 'value') return value
  if (shown === 'random') return random.map((row, i) => row.map((v, j) => (value[i][j] === null ? null : v)))
  return value.map((row, i) =>
    row.map((v, j) => {
      const chance = random[i][j]
      return i === j || v === null || chance === null ? null : v - chance
    }),
  )
}

/** The ends of the colour scale: tenths around every value off the diagonal. Values and baselines share one scale. */
export function scaleOf(numbers: ReportNumbers, measure: Measure, shown: Shown): [number, number] {
  const tables = shown === 'above' ? ['above' as const] : (['value', 'random'] as const)
  const values = tables.flatMap((one) =>
    pairTable(numbers, measure, one).flatMap((row, i) =>
      row.filter((v, j): v is number => v !== null && i !== j),
    ),
  )
  if (values.length === 0) return [0, 1]
  const low = Math.floor(10 * Math.min(...values)) / 10
  const high = Math.ceil(10 * Math.max(...values)) / 10
  return high > low ? [low, high] : [low, low + 0.1]
}

export interface DrawnTable {
  labels: string[]
  values: PairTable
  groups: AxisOrder['groups']
  domain: [number, number]
}

/** A table in the order its axes have. */
export function drawnTable(
  numbers: ReportNumbers,
  { order, groups }: AxisOrder,
  measure: Measure,
  shown: Shown,
): DrawnTable {
  const table = pairTable(numbers, measure, shown)
  const names = drawnNames(numbers.saes, groups.length > 0 || sameHook(numbers.saes))
  return {
    labels: order.map((i) => names[i]),
    values: order.map((i) => order.map((j) => table[i][j])),
    groups,
    domain: scaleOf(numbers, measure, shown),
  }
}

/** The mean baseline over the pairs that have a value; null where none has. */
export function meanRandom(numbers: ReportNumbers, measure: Measure): number | null {
  const values = pairTable(numbers, measure, 'random').flatMap((row, i) =>
    row.filter((v, j): v is number => v !== null && i !== j),
  )
  return values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length
}

const said = (value: number | null): string =>
  value === null ? 'not known' : value.toFixed(3).replace('-', '−')

/** "a looked for in b: 0.873 (random directions 0.402); b in a: 0.655". */
export function pairSaid(numbers: ReportNumbers, measure: Measure, i: number, j: number): string {
  const names = drawnNames(numbers.saes, false)
  const [a, b] = [names[i], names[j]]
  const [value, random] = [numbers[measure], randomOf(numbers, measure)]
  const { random: chance } = measureWords(measure)
  if (i === j) return `${a} with itself; like it at random: ${said(random[i][j])}`
  return `${a} looked for in ${b}: ${said(value[i][j])} (${chance} ${said(random[i][j])}); ${b} in ${a}: ${said(value[j][i])}`
}

/** "10,000 tokens, position 0 left out", or that nothing was measured on tokens. */
export function measuredOn({ tokens, skippedPosition0, sameIds }: ReportNumbers): string {
  if (tokens === null) return 'directions only, no tokens'
  const masking = skippedPosition0 ? 'position 0 left out' : 'all positions'
  return `${tokens.toLocaleString('en')} tokens, ${masking}${sameIds ? '' : ', token ids not known'}`
}
