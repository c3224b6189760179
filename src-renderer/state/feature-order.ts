import type { FeatureTable } from '#contract/feature.ts'
import type { FeatureLabel } from '#contract/label.ts'
import type { Labels } from './feature-labels.ts'

export const COLUMNS = [
  'number',
  'label',
  'density',
  'max',
  'mean',
  'maxcos',
  'norm',
  'cosine',
  'dimensionality',
] as const
export type FeatureColumn = (typeof COLUMNS)[number]
/** Columns that a range can be asked of. */
export const NUMBER_COLUMNS = [
  'density',
  'max',
  'mean',
  'maxcos',
  'norm',
  'dimensionality',
  'cosine',
] as const
export type NumberColumn = (typeof NUMBER_COLUMNS)[number]
/** From … to, both included. */
export type Range = [from: number, to: number]
export type Ranges = Partial<Record<NumberColumn, Range>>

export const SHOWN = [
  'all',
  'firing',
  'dead',
  'labelled',
  'unlabelled',
  'starred',
  'uninterpretable',
] as const
export type Shown = (typeof SHOWN)[number]

/** A feature is novel where its largest cosine with the other SAE is at most this, else a reconstruction. */
export const NOVEL_AT_MOST = 0.7
export const NOVELTIES = ['any', 'novel', 'reconstruction'] as const
export type Novelty = (typeof NOVELTIES)[number]

/** The statistics of all features, and what a comparison with another SAE adds to them. */
export interface FeatureStatistics extends FeatureTable {
  /** [dSae] largest decoder cosine with a feature of the other SAE; null while none is compared with. */
  maxCosine: Float32Array | null
}

export interface FeatureFilter {
  shown: Shown
  /** Only features whose value of a column lies within its range; columns that are not named are free. */
  ranges: Ranges
  tag: string
  /** Only where a comparison is chosen. */
  novelty: Novelty
  /** Only these, where a search found them; null: no search. */
  only: ReadonlySet<number> | null
}

export const densityOf = ({ count, index }: FeatureTable, feature: number): number =>
  index.countedTokens === 0 ? 0 : count[feature] / index.countedTokens

/** Mean over the tokens it fires on; NaN for a feature that never fires. */
export const meanWhereFiring = ({ sum, count }: FeatureTable, feature: number): number =>
  sum[feature] / count[feature]

/** A column's number of a feature; NaN where it has none. */
export function valueOf(table: FeatureStatistics, column: NumberColumn): (feature: number) => number {
  switch (column) {
    case 'density':
      return (feature) => densityOf(table, feature)
    case 'max':
      return (feature) => table.max[feature]
    case 'mean':
      return (feature) => meanWhereFiring(table, feature)
    case 'maxcos':
      return (feature) => table.maxCosine?.[feature] ?? NaN
    case 'norm':
      return (feature) => table.decoderNorm[feature]
    case 'cosine':
      return (feature) => table.encoderDecoderCosine[feature]
    case 'dimensionality':
      return (feature) => table.dimensionality[feature]
  }
}

function isShown(
  shown: Shown,
  table: FeatureTable,
  feature: number,
  label: FeatureLabel | undefined,
): boolean {
  switch (shown) {
    case 'all':
      return true
    case 'firing':
      return table.count[feature] > 0
    case 'dead':
      return table.count[feature] === 0
    case 'labelled':
      return label !== undefined && label.label !== ''
    case 'unlabelled':
      return !label || (label.label === '' && !label.uninterpretable)
    case 'starred':
      return label?.starred ?? false
    case 'uninterpretable':
      return label?.uninterpretable ?? false
  }
}

/** The test of all ranges at once. Largest cosines are free while no other SAE is compared with. */
function rangeTest(table: FeatureStatistics, ranges: Ranges): (feature: number) => boolean {
  const tests = NUMBER_COLUMNS.flatMap((column) => {
    const range = ranges[column]
    return range && !(column === 'maxcos' && !table.maxCosine)
      ? [{ range, value: valueOf(table, column) }]
      : []
  })
  return (feature) =>
    tests.every(({ range: [from, to], value }) => {
      const at = value(feature)
      return at >= from && at <= to
    })
}

function isNovelty(novelty: Novelty, { maxCosine }: FeatureStatistics, feature: number): boolean {
  if (novelty === 'any' || !maxCosine) return true
  return maxCosine[feature] <= NOVEL_AT_MOST === (novelty === 'novel')
}

/** The features that pass, in ascending number. */
export function filterFeatures(table: FeatureStatistics, filter: FeatureFilter, labels: Labels): Uint32Array {
  const out = new Uint32Array(table.count.length)
  const withinRanges = rangeTest(table, filter.ranges)
  let n = 0
  for (let feature = 0; feature < out.length; feature++) {
    if (filter.only && !filter.only.has(feature)) continue
    if (!withinRanges(feature)) continue
    if (!isNovelty(filter.novelty, table, feature)) continue
    const label = labels.get(feature)
    if (filter.tag !== '' && !label?.tags.includes(filter.tag)) continue
    if (isShown(filter.shown, table, feature, label)) out[n++] = feature
  }
  return out.subarray(0, n)
}

/** Features in the order of a column; equal ones by number, what is not a number last. */
export function sortFeatures(
  features: Uint32Array,
  table: FeatureStatistics,
  column: FeatureColumn,
  descending: boolean,
  labels: Labels,
): Uint32Array {
  if (column === 'number') return descending ? features.toReversed() : features
  if (column === 'label') return byLabel(features, labels, descending)
  return byValue(features, valueOf(table, column), descending)
}

function byLabel(features: Uint32Array, labels: Labels, descending: boolean): Uint32Array {
  const text = (feature: number): string => labels.get(feature)?.label ?? ''
  const said = Array.from(features).filter((feature) => text(feature) !== '')
  const sign = descending ? -1 : 1
  said.sort((a, b) => sign * text(a).localeCompare(text(b), 'en', { numeric: true }) || a - b)
  const out = new Uint32Array(features.length)
  out.set(said)
  out.set(
    features.filter((feature) => text(feature) === ''),
    said.length,
  )
  return out
}

/**
 * Each value's float32 bits, turned so that they order as the values do, sorted by their lower and then their upper half,
 * counting: several times faster for 100,000 features than comparing them. Equal ones stay in their order.
 */
function byValue(
  features: Uint32Array,
  value: (feature: number) => number,
  descending: boolean,
): Uint32Array {
  const n = features.length
  const single = new Float32Array(n)
  const keys = new Uint32Array(single.buffer)
  let places = new Uint32Array(n)
  for (let i = 0; i < n; i++) {
    places[i] = i
    single[i] = value(features[i]) + 0 // −0 becomes 0
    const isNumber = !Number.isNaN(single[i])
    const ascending = keys[i] >>> 31 ? ~keys[i] : keys[i] | 0x80000000
    keys[i] = isNumber ? (descending ? ~ascending : ascending) : 0xffffffff
  }
  places = inOrder(inOrder(places, keys, 0), keys, 16)
  for (let i = 0; i < n; i++) places[i] = features[places[i]]
  return places
}

/** Places in the order of 16 bits of their keys, from bit `shift` on; those of equal bits as they came. */
function inOrder(
  places: Uint32Array<ArrayBuffer>,
  keys: Uint32Array,
  shift: number,
): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(2 ** 16 + 1)
  for (let i = 0; i < places.length; i++) next[((keys[places[i]] >>> shift) & 0xffff) + 1]++
  for (let half = 1; half < next.length; half++) next[half] += next[half - 1]
  const out = new Uint32Array(places.length)
  for (let i = 0; i < places.length; i++) out[next[(keys[places[i]] >>> shift) & 0xffff]++] = places[i]
  return out
}
