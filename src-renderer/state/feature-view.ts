import {
  COLUMNS,
  NOVELTIES,
  NUMBER_COLUMNS,
  SHOWN,
  type FeatureColumn,
  type FeatureFilter,
  type Novelty,
  type NumberColumn,
  type Range,
  type Ranges,
  type Shown,
} from './feature-order.ts'

/** How the list of features is looked through: as it stands in the address. */
export interface FeatureView {
  /** Empty: the newest index. */
  index: string
  sort: { column: FeatureColumn; descending: boolean }
  filter: Omit<FeatureFilter, 'only'>
  /** The column whose values are drawn as a histogram, to choose a range of them. */
  drawn: NumberColumn
  /** Words searched for in labels, notes and tags; or a feature's number. */
  text: string
  /** The comparison whose other SAE the features are measured against; empty: none. */
  against: string
  find: Find
  /** A second feature beside the first; its SAE may be another. */
  beside: { saeId: string; feature: number } | null
}
export const FINDS = ['list', 'token', 'sentence', 'map'] as const
export type Find = (typeof FINDS)[number]

const oneOf = <T extends string>(choices: readonly T[], text: string | undefined, otherwise: T): T =>
  choices.find((choice) => choice === text) ?? otherwise

function readRange(text: string | undefined): Range | null {
  const [from, to] = (text ?? '').split('~').map(Number)
  return text && from <= to ? [from, to] : null
}
/** Four digits: the ends of a brush are pixels. */
const rangeText = (range: Range | null): string =>
  range === null ? '' : range.map((value) => Number(value.toPrecision(4))).join('~')

/** A range of a column stands in the address under the column's name. */
function readRanges(query: Record<string, string>): Ranges {
  const ranges: Ranges = {}
  for (const column of NUMBER_COLUMNS) {
    const range = readRange(query[column])
    if (range) ranges[column] = range
  }
  return ranges
}

function readBeside(text: string | undefined): FeatureView['beside'] {
  const found = /^(s-[a-z0-9]+)\.(\d+)$/.exec(text ?? '')
  return found && { saeId: found[1], feature: Number(found[2]) }
}

export function readView(query: Record<string, string>): FeatureView {
  const [column, way] = (query['sort'] ?? '').split('.')
  return {
    index: query['index'] ?? '',
    sort: { column: oneOf(COLUMNS, column, 'density'), descending: way !== 'up' },
    filter: {
      shown: oneOf(SHOWN, query['show'], 'all'),
      ranges: readRanges(query),
      tag: query['tag'] ?? '',
      novelty: oneOf(NOVELTIES, query['novelty'], 'any'),
    },
    drawn: oneOf(NUMBER_COLUMNS, query['drawn'], 'density'),
    text: query['text'] ?? '',
    against: query['against'] ?? '',
    find: oneOf(FINDS, query['find'], 'list'),
    beside: readBeside(query['beside']),
  }
}

/** No range for any column. */
export const ANY_VALUE: ViewChange['ranges'] = Object.fromEntries(
  NUMBER_COLUMNS.map((column) => [column, null]),
)

export interface ViewChange {
  index?: string
  sort?: FeatureView['sort']
  shown?: Shown
  /** Of the columns that are named; null: any value. */
  ranges?: Partial<Record<NumberColumn, Range | null>>
  drawn?: NumberColumn
  tag?: string
  novelty?: Novelty
  against?: string
  text?: string
  find?: Find
  beside?: FeatureView['beside']
}

/** A change as the part of the address's query that it sets; what is as usual is left out of the address. */
export function writeView(change: ViewChange): Record<string, string> {
  const { index, sort, shown, ranges = {}, drawn, tag, novelty, against, text, find, beside } = change
  return {
    ...(index !== undefined && { index }),
    ...(sort && {
      sort:
        sort.column === 'density' && sort.descending
          ? ''
          : `${sort.column}.${sort.descending ? 'down' : 'up'}`,
    }),
    ...(shown && { show: shown === 'all' ? '' : shown }),
    ...Object.fromEntries(Object.entries(ranges).map(([column, range]) => [column, rangeText(range)])),
    ...(drawn && { drawn: drawn === 'density' ? '' : drawn }),
    ...(tag !== undefined && { tag }),
    ...(novelty && { novelty: novelty === 'any' ? '' : novelty }),
    ...(against !== undefined && { against }),
    ...(text !== undefined && { text }),
    ...(find && { find: find === 'list' ? '' : find }),
    ...(beside !== undefined && { beside: beside ? `${beside.saeId}.${beside.feature}` : '' }),
  }
}
