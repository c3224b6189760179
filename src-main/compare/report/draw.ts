import { axis, extent, labelRoom, padded, ticksFor } from '#figures/axis.ts'
import { heatmapGeometry, type HeatmapTable } from '#figures/heatmap.ts'
import { lineGeometry, type LineOptions, type LineSeries } from '#figures/line-chart.ts'
import { axesOf, element, escaped, text, type Figure } from './svg.ts'

// The report's three kinds of figure. Where everything stands is worked out by the window's own charts.

type Words = Pick<Figure, 'name' | 'title' | 'caption'>

/** A table of pairs; `valueLabel` names the legend, `nullLine` marks what chance gives on it. */
export function drawHeatmap(
  words: Words,
  table: HeatmapTable,
  valueLabel: string,
  nullLine: { at: number; label: string } | null,
): Figure {
  const count = table.labels.length
  const side = Math.min(1600, Math.max(440, 190 + 34 * count))
  const geometry = heatmapGeometry(table, { width: side + 260, height: side })
  const { cell, cells, rows, columns, groups, legend } = geometry
  const fill = 'var(--series-1)'
  const [low, high] = table.domain
  const beside = legend.x + legend.width + 12
  const nullAt = nullLine && legend.x + (legend.width * (nullLine.at - low)) / (high - low || 1)
  const body = [
    ...rows.map((one) => text(one.x, one.y, one.text, { dy: '0.33em', 'text-anchor': 'end' })),
    ...columns.map((one) =>
      text(one.x, one.y, one.text, { transform: `rotate(-45 ${one.x.toFixed(1)} ${one.y.toFixed(1)})` }),
    ),
    ...groups.flatMap(({ lines, x, y }) =>
      lines.map((line, n) => text(x, y + 14 * n, line, { dy: '0.33em', fill: 'var(--text-3)' })),
    ),
    ...cells.map(({ row, column, x, y, opacity, text: words }) => {
      const own = row === column
      const size = Math.max(1, cell - 1)
      const box = { x, y, width: size, height: size, fill: own ? 'var(--line)' : fill }
      const middle = { dy: '0.35em', 'text-anchor': 'middle', fill: own ? 'var(--text-3)' : 'var(--text)' }
      return (
        element('rect', { ...box, 'fill-opacity': own ? 0.5 : opacity }) +
        (words && text(x + cell / 2, y + cell / 2, words, middle))
      )
    }),
    ...legend.steps.map((opacity, n) => {
      const width = legend.width / legend.steps.length
      return element('rect', {
        ...{ x: legend.x + n * width, y: legend.y, width: width + 0.3, height: legend.height },
        ...{ fill, 'fill-opacity': opacity },
      })
    }),
    ...legend.ticks.map(({ at, label }) => text(at, legend.y + 20, label, { 'text-anchor': 'middle' })),
    text(beside, legend.y + 8, valueLabel),
    nullAt !== null && nullAt >= legend.x && nullAt <= legend.x + legend.width
      ? element('line', {
          ...{ x1: nullAt, x2: nullAt, y1: legend.y - 3, y2: legend.y + legend.height + 3 },
          ...{ stroke: 'var(--null-line)', 'stroke-dasharray': '3 2', 'stroke-width': 1.5 },
        }) + text(beside, legend.y + 22, `┊ ${nullLine?.label}`)
      : '',
  ].join('')
  const label = Math.max(valueLabel.length, nullLine ? nullLine.label.length + 2 : 0)
  const width = Math.max(geometry.width, beside + 6.3 * label)
  return { ...words, width, height: geometry.height, body }
}

const [CHART_WIDTH, CHART_HEIGHT] = [720, 340]
type LineFigure = Omit<LineOptions, 'width' | 'height'> & { xLabel: string; yLabel: string }

/** Lines over each other, with their names; above eight of them, none has one. */
export function drawLines(
  words: Words,
  series: readonly LineSeries[],
  { xLabel, yLabel, ...options }: LineFigure,
): Figure {
  const { x, y, lines, labels } = lineGeometry(series, {
    width: CHART_WIDTH,
    height: CHART_HEIGHT,
    ...options,
  })
  const colorOf = new Map(lines.map(({ series: one, color }) => [one.id, color]))
  const body = [
    axesOf(x, y, xLabel, yLabel),
    ...lines.map(({ path, color, series: { dashed } }) =>
      element('path', {
        ...{ d: path, fill: 'none', stroke: color, 'stroke-width': 1.5, 'stroke-linejoin': 'round' },
        'stroke-dasharray': dashed ? '4 3' : undefined,
      }),
    ),
    ...labels.map(({ item, at, x: labelX, anchor }) =>
      text(labelX, at, item.label, {
        ...{ dy: '0.33em', 'font-weight': 600, 'text-anchor': anchor },
        fill: colorOf.get(item.id) ?? 'var(--text)',
        // Above a peak it stands on other lines: parted from them by the ground's colour.
        ...(anchor === 'middle' && { stroke: 'var(--bg)', 'stroke-width': 3, 'paint-order': 'stroke' }),
      }),
    ),
  ].join('')
  return { ...words, width: CHART_WIDTH, height: CHART_HEIGHT, body }
}

export interface DrawnPoint {
  x: number
  y: number
  color: string
  name: string
}
interface ScatterFigure {
  xLabel: string
  yLabel: string
  logX?: boolean
  /** Nothing lies between whole numbers along x. */
  wholeX?: boolean
  /** What the colours mean, drawn above the plot. */
  key: { color: string; name: string }[]
  /** Names beside the points. */
  labelled?: boolean
  /** A dashed line across. */
  nullLine?: { at: number; label: string } | null
}

/** Points with their meaning by colour and, pointed at in a browser, their names. */
export function drawScatter(words: Words, points: readonly DrawnPoint[], options: ScatterFigure): Figure {
  const { xLabel, yLabel, logX = false, wholeX = false, key, labelled = false, nullLine } = options
  const yRange: [number, number] = [CHART_HEIGHT - 34, 36]
  const ys = [points.map((point) => point.y), nullLine ? [nullLine.at] : []]
  const y = axis({
    domain: padded(extent(ys) ?? [0, 1], false),
    range: yRange,
    ticks: ticksFor(yRange[0] - yRange[1], 44),
  })
  const xRange: [number, number] = [labelRoom(y.ticks), CHART_WIDTH - (labelled ? 120 : 12)]
  const xExtent = extent([points.map((point) => point.x)], logX) ?? [logX ? 1 : 0, logX ? 10 : 1]
  const wanted = ticksFor(xRange[1] - xRange[0])
  const x = axis({
    domain: padded(xExtent, logX),
    range: xRange,
    log: logX,
    ticks: wholeX ? Math.max(1, Math.min(wanted, xExtent[1] - xExtent[0])) : wanted,
  })
  let keyAt = xRange[0] + 120
  const keys = key.map(({ color, name }) => {
    const at = keyAt
    keyAt += 26 + 6.6 * name.length
    return element('circle', { cx: at, cy: 7, r: 4, fill: color }) + text(at + 8, 11, name)
  })
  const body = [
    axesOf(x, y, xLabel, yLabel),
    ...keys,
    nullLine
      ? element('line', {
          ...{ x1: xRange[0], x2: xRange[1], y1: y.at(nullLine.at), y2: y.at(nullLine.at) },
          ...{ stroke: 'var(--null-line)', 'stroke-dasharray': '4 3' },
        }) + text(xRange[1], y.at(nullLine.at) - 4, nullLine.label, { 'text-anchor': 'end' })
      : '',
    ...points.map((point) => {
      const at = { cx: x.at(point.x), cy: y.at(point.y), r: 4 }
      return (
        element(
          'circle',
          { ...at, fill: point.color, 'fill-opacity': 0.75 },
          element('title', {}, escaped(point.name)),
        ) + (labelled ? text(at.cx + 8, at.cy, point.name, { dy: '0.33em' }) : '')
      )
    }),
  ].join('')
  return { ...words, width: CHART_WIDTH, height: CHART_HEIGHT, body }
}
