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
}
export interface LineGeometry {
  x: Axis
  y: Axis
  lines: { series: LineSeries; path: string; color: string }[]
  /** Direct labels at the right ends; none where they are too many or would take too much of the width. */
  labels: PlacedLabel<LineSeries>[]
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

/** Everything that is drawn of some lines, in pixels. Points a log axis cannot show interrupt their line. */
export function lineGeometry(series: readonly LineSeries[], options: LineOptions): LineGeometry {
  const { width, height, logX = false, logY = false, yInclude = [] } = options
  const labelWidth = 14 + 6.4 * Math.max(0, ...series.map(({ label }) => label.length))
  const labelled = series.length > 1 && series.length <= MOST_LABELS && labelWidth <= width * MOST_LABEL_WIDTH
  const right = labelled ? labelWidth : 10
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
    labels: labelled ? spread(ends, LABEL_GAP, yRange[1] + 4, yRange[0]) : [],
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
