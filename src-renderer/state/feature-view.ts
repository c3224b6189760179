import {
  COLUMNS,
  NOVELTIES,
  SHOWN,
  type FeatureColumn,
  type FeatureFilter,
  type Novelty,
  type Shown,
} from './feature-order.ts'

/** How the list of features is looked through: as it stands in the address. */
export interface FeatureView {
  /** Empty: the newest index. */
  index: string
  sort: { column: FeatureColumn; descending: boolean }
  filter: Omit<FeatureFilter, 'only'>
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

function readRange(text: string | undefined): [number, number] | null {
  const [from, to] = (text ?? '').split('~').map(Number)
  return text && from <= to ? [from, to] : null
}
/** Four digits: the ends of a brush are pixels. */
const rangeText = (range: [number, number] | null): string =>
  range === null ? '' : range.map((value) => Number(value.toPrecision(4))).join('~')

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
      density: readRange(query['density']),
      max: readRange(query['max']),
      tag: query['tag'] ?? '',
      novelty: oneOf(NOVELTIES, query['novelty'], 'any'),
    },
    text: query['text'] ?? '',
    against: query['against'] ?? '',
    find: oneOf(FINDS, query['find'], 'list'),
    beside: readBeside(query['beside']),
  }
}

export interface ViewChange {
  index?: string
  sort?: FeatureView['sort']
  shown?: Shown
  density?: [number, number] | null
  max?: [number, number] | null
  tag?: string
  novelty?: Novelty
  against?: string
  text?: string
  find?: Find
  beside?: FeatureView['beside']
}

/** A change as the part of the address's query that it sets; what is as usual is left out of the address. */
export function writeView(change: ViewChange): Record<string, string> {
  const { index, sort, shown, density, max, tag, novelty, against, text, find, beside } = change
  return {
    ...(index !== undefined && { index }),
    ...(sort && {
      sort:
        sort.column === 'density' && sort.descending
          ? ''
          : `${sort.column}.${sort.descending ? 'down' : 'up'}`,
    }),
    ...(shown && { show: shown === 'all' ? '' : shown }),
    ...(density !== undefined && { density: rangeText(density) }),
    ...(max !== undefined && { max: rangeText(max) }),
    ...(tag !== undefined && { tag }),
    ...(novelty && { novelty: novelty === 'any' ? '' : novelty }),
    ...(against !== undefined && { against }),
    ...(text !== undefined && { text }),
    ...(find && { find: find === 'list' ? '' : find }),
    ...(beside !== undefined && { beside: beside ? `${beside.saeId}.${beside.feature}` : '' }),
  }
}
