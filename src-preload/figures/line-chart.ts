import { line } from 'd3'
import { axis, extent, labelRoom, padded, ticksFor, type Axis } from './axis.ts'
import { spread, type PlacedLabel } from './labels.ts'

export interface LineSeries {
  id: string
  label: string
  /** Any CSS colour; a token such as "var(--sae-a)" where it has a meaning. */
  color?: string
  dashed?: boolean
  x: ArrayLike<number>
  y: ArrayLike<number>
}
export interface LineOptions {
  width: number
  height: number
  logX?: boolean
  logY?: boolean
  /** Fixes the ends of the upward axis. */
  yDomain?: [number, number]
  /** Values that the upward axis shows in any case: zero, a baseline. */
  yInclude?: readonly number[]
  /** Where names stand: right of the lines' ends, or above their highest points where ends come together. */
  names?: 'end' | 'peak'
}
export interface LineLabel extends PlacedLabel<LineSeries> {
  x: number
  anchor: 'start' | 'middle'
}
export interface LineGeometry {
  x: Axis
  y: Axis
  lines: { series: LineSeries; path: string; color: string }[]
  /** Direct labels; none where they are too many or would take too much of the width. */
  labels: LineLabel[]
}

const MOST_LABELS = 8
const MOST_LABEL_WIDTH = 0.26
const LABEL_GAP = 13
export const seriesColor = (i: number): string => `var(--series-${(i % 8) + 1})`

function lastPoint(series: LineSeries, log: boolean): number | null {
  for (let i = series.y.length - 1; i >= 0; i--)
    if (Number.isFinite(series.y[i]) && (!log || series.y[i] > 0)) return series.y[i]
  return null
}

/** Names above the highest points, moved apart upwards and downwards, inside the plot. */
function peakLabels(series: readonly LineSeries[], x: Axis, y: Axis): LineLabel[] {
  const peaks = series.flatMap((item) => {
    const values = Array.from(item.y, (value) => (Number.isFinite(value) ? value : -Infinity))
    const at = values.indexOf(Math.max(...values))
    return at < 0 || values[at] === -Infinity
      ? []
      : [{ item: { item, x: x.at(item.x[at]) }, wanted: y.at(values[at]) - 8 }]
  })
  return spread(peaks, LABEL_GAP, y.range[1] - 2, y.range[0]).map(({ item: peak, at, wanted }) => {
    const half = 3.4 * peak.item.label.length
    return {
      ...{ item: peak.item, at, wanted, anchor: 'middle' },
      x: Math.min(Math.max(peak.x, x.range[0] + half), x.range[1] - half),
    }
  })
}

/** Everything that is drawn of some lines, in pixels. Points a log axis cannot show interrupt their line. */
export function lineGeometry(series: readonly LineSeries[], options: LineOptions): LineGeometry {
  const { width, height, logX = false, logY = false, yInclude = [], names = 'end' } = options
  const labelWidth = 14 + 6.4 * Math.max(0, ...series.map(({ label }) => label.length))
  const labelled = series.length > 1 && series.length <= MOST_LABELS && labelWidth <= width * MOST_LABEL_WIDTH
  const right = labelled && names === 'end' ? labelWidth : 10
  const yRange: [number, number] = [height - 34, 18]
  const xDomain = extent(
    series.map((one) => one.x),
    logX,
  ) ?? [logX ? 1 : 0, logX ? 10 : 1]
  const yExtent = extent([...series.map((one) => one.y), yInclude], logY) ?? [logY ? 0.1 : 0, 1]
  const y = axis({
    domain: options.yDomain ?? padded(yExtent, logY),
    range: yRange,
    log: logY,
    ticks: ticksFor(yRange[0] - yRange[1], 44),
  })
  const left = labelRoom(y.ticks)
  const xRange: [number, number] = [left, Math.max(left + 40, width - right)]
  const x = axis({
    domain: xDomain[0] === xDomain[1] ? padded(xDomain, logX) : xDomain,
    range: xRange,
    log: logX,
    ticks: ticksFor(xRange[1] - xRange[0]),
  })
  const shows = (one: LineSeries, i: number): boolean =>
    Number.isFinite(one.y[i]) && (!logY || one.y[i] > 0) && (!logX || one.x[i] > 0)
  const pathOf = (one: LineSeries): string =>
    line<number>()
      .defined((i) => shows(one, i))
      .x((i) => x.at(one.x[i]))
      .y((i) => y.at(one.y[i]))
      .digits(1)(Array.from({ length: one.x.length }, (_, i) => i)) ?? ''
  const ends = series.flatMap((item) => {
    const last = lastPoint(item, logY)
    return last === null ? [] : [{ item, wanted: y.at(last) }]
  })
  return {
    x,
    y,
    lines: series.map((one, i) => ({ series: one, path: pathOf(one), color: one.color ?? seriesColor(i) })),
    labels: !labelled
      ? []
      : names === 'peak'
        ? peakLabels(series, x, y)
        : spread(ends, LABEL_GAP, yRange[1] + 4, yRange[0]).map((label) => ({
            ...label,
            x: xRange[1] + 9,
            anchor: 'start',
          })),
  }
}

/** Index of the point nearest to a value along x; −1 without points. x ascends. */
export function nearestPoint(x: ArrayLike<number>, value: number): number {
  let low = 0
  let high = x.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (x[middle] < value) low = middle + 1
    else high = middle
  }
  return low > 0 && Math.abs(x[low - 1] - value) <= Math.abs(x[low] - value) ? low - 1 : high < 0 ? -1 : low
}
