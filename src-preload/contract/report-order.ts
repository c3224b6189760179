import { layerOf } from './pair-relations.ts'
import type { DensityHistogram, ReportedSae } from './report.ts'

// In which order and groups the SAEs of a report are drawn: the same in the window and in the page it is exported as.

export type SortBy = 'place' | 'width' | 'l0' | 'name' | 'chosen'
export const SORTS: readonly { sort: SortBy; name: string }[] = [
  { sort: 'place', name: 'model, layer, width' },
  { sort: 'width', name: 'width' },
  { sort: 'l0', name: 'L0' },
  { sort: 'name', name: 'name' },
  { sort: 'chosen', name: 'as chosen' },
]

/** Neighbours on an axis that belong together: SAEs [from, from + count) of the order. */
export interface AxisGroup {
  /** One or two lines. */
  label: string[]
  from: number
  count: number
}
export interface AxisOrder {
  /** Indices of the SAEs. */
  order: number[]
  /** None where everything belongs together. */
  groups: AxisGroup[]
}

const placeOf = ({ modelName, hookName }: ReportedSae): string[] => [
  modelName ?? 'model not known',
  hookName ?? 'hook point not known',
]

/**
 * Names that tell the SAEs apart: names given to several have their model and hook point added. `short` leaves a hook
 * point at a name's end out, for places that say it otherwise.
 */
export function drawnNames(saes: readonly ReportedSae[], short: boolean): string[] {
  const alone = ({ name, hookName }: ReportedSae): string =>
    short && hookName !== null && name.endsWith(` · ${hookName}`)
      ? name.slice(0, -` · ${hookName}`.length)
      : name
  const times = (name: string): number => saes.filter((one) => one.name === name).length
  return saes.map((sae) => {
    if (short || times(sae.name) === 1) return alone(sae)
    const place = placeOf(sae).filter((part) => !sae.name.includes(part))
    return [sae.name, ...place].join(' · ')
  })
}

/** Baselines come last. By place, SAEs of one model and hook point form a group. */
export function axisOrder(saes: readonly ReportedSae[], sort: SortBy): AxisOrder {
  const compare = (i: number, j: number): number => {
    const [a, b] = [saes[i], saes[j]]
    if (sort === 'chosen') return i - j
    if (a.baseline !== b.baseline) return Number(a.baseline) - Number(b.baseline)
    if (sort === 'name') return a.name.localeCompare(b.name, 'en', { numeric: true })
    if (sort === 'l0') return (a.metrics?.l0 ?? Infinity) - (b.metrics?.l0 ?? Infinity)
    if (sort === 'width') return a.dSae - b.dSae
    return (
      placeOf(a)[0].localeCompare(placeOf(b)[0], 'en', { numeric: true }) ||
      (layerOf(a) ?? -1) - (layerOf(b) ?? -1) ||
      placeOf(a)[1].localeCompare(placeOf(b)[1]) ||
      a.dSae - b.dSae ||
      i - j
    )
  }
  const order = saes.map((_, i) => i).sort((i, j) => compare(i, j) || i - j)
  if (sort !== 'place') return { order, groups: [] }
  const groups: AxisGroup[] = []
  for (const [at, i] of order.entries()) {
    const label = saes[i].baseline ? [...placeOf(saes[i]), 'baseline'] : placeOf(saes[i])
    const last = groups.at(-1)
    if (last && last.label.join() === label.join()) last.count++
    else groups.push({ label, from: at, count: 1 })
  }
  return { order, groups: groups.length > 1 ? groups : [] }
}

/** What density histograms are grouped by. */
export type GroupBy = 'width' | 'layer' | 'model' | 'kind'
export const GROUPINGS: readonly { group: GroupBy; name: string }[] = [
  { group: 'width', name: 'width' },
  { group: 'layer', name: 'layer' },
  { group: 'model', name: 'model' },
  { group: 'kind', name: 'kind' },
]

/** The name of the group an SAE is in, and what groups are sorted by. */
function groupOf(sae: ReportedSae, by: GroupBy): { name: string; key: number | string } {
  if (by === 'width') return { name: `${sae.dSae.toLocaleString('en')} features`, key: sae.dSae }
  if (by === 'model') return { name: sae.modelName ?? 'not known', key: sae.modelName ?? '' }
  if (by === 'kind') return { name: sae.architecture, key: sae.architecture }
  const layer = layerOf(sae)
  return layer === null
    ? { name: sae.hookName ?? 'not known', key: -1 }
    : { name: `layer ${layer}`, key: layer }
}

/** The groups there are, in order, each with its SAEs' indices. */
export function grouped(saes: readonly ReportedSae[], by: GroupBy): { name: string; members: number[] }[] {
  const groups = new Map<string, { name: string; key: number | string; members: number[] }>()
  for (const [i, sae] of saes.entries()) {
    const { name, key } = groupOf(sae, by)
    const group = groups.get(name) ?? { name, key, members: [] }
    group.members.push(i)
    groups.set(name, group)
  }
  return [...groups.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

/** The groupings by which the SAEs differ; by width where they differ in nothing. */
export function groupings(saes: readonly ReportedSae[]): typeof GROUPINGS {
  const differ = GROUPINGS.filter(({ group }) => grouped(saes, group).length > 1)
  return differ.length > 0 ? differ : GROUPINGS.slice(0, 1)
}

export interface DensityLine {
  id: string
  label: string
  /** Number of its group. */
  group: number
  /** Middles of the bins: log10 of the density. */
  x: number[]
  /** Share of all features of the SAE (dead ones too) in each bin, or the mean of that over the group. */
  y: number[]
}

/** Up to so many SAEs have a line each; of more, each group has one. */
export const MOST_DENSITY_LINES = 8

/** Bins from the top down to the last feature, with one empty bin where there is one: the line comes down to 0 there. */
const emptyOnTop = ({ counts }: DensityHistogram): number =>
  Math.max(0, counts.length - 2 - counts.findLastIndex((count) => count > 0))

/** Share of features in bin n counted down from density 1 (n = 1: the bin that ends there). */
const shareDown = ({ counts }: DensityHistogram, n: number, dSae: number): number =>
  (counts[counts.length - n] ?? 0) / dSae

/** Whether one hook point of one model is behind all of them: then no name needs to say it. */
export const sameHook = (saes: readonly ReportedSae[]): boolean =>
  new Set(saes.map((sae) => placeOf(sae).join())).size === 1

/** Density histograms as lines over each other; of SAEs without activations there are none. */
export function densityLines(saes: readonly ReportedSae[], by: GroupBy): DensityLine[] {
  const names = drawnNames(saes, sameHook(saes))
  const known = saes.flatMap((sae, i) => (sae.density === null ? [] : { ...sae, name: names[i] }))
  const merged = known.length > MOST_DENSITY_LINES
  return grouped(known, by).flatMap(({ name, members }, group) =>
    (merged ? [members] : members.map((i) => [i])).map((of) => {
      const longest = Math.max(...of.map((i) => known[i].density!.counts.length))
      const width = known[of[0]].density!.width
      const empty = Math.min(...of.map((i) => emptyOnTop(known[i].density!)))
      const bins = Array.from({ length: longest + 1 - empty }, (_, at) => longest + 1 - at)
      const only = known[of[0]]
      return {
        id: merged ? name : only.id,
        label: merged ? name : only.name,
        group,
        x: bins.map((n) => -(n - 0.5) * width),
        y: bins.map(
          (n) => of.reduce((sum, i) => sum + shareDown(known[i].density!, n, known[i].dSae), 0) / of.length,
        ),
      }
    }),
  )
}
