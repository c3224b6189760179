import { axis, ticksFor, type Tick } from './axis.ts'

export interface HeatmapGroup {
  label: string[]
  from: number
  count: number
}
export interface HeatmapTable {
  /** Of rows and columns alike, in the order drawn. */
  labels: readonly string[]
  /** [row][column]; null where there is no value. */
  values: readonly (readonly (number | null)[])[]
  groups: readonly HeatmapGroup[]
  /** The values of the lightest and of the darkest cell. */
  domain: [number, number]
}
export interface HeatmapCell {
  row: number
  column: number
  x: number
  y: number
  value: number | null
  /** Opacity of the cell's colour: small enough that text on it can be read in both themes. */
  opacity: number
  /** Empty where it would not fit. */
  text: string
}
interface PlacedText {
  text: string
  x: number
  y: number
}
export interface HeatmapGeometry {
  cell: number
  cells: HeatmapCell[]
  rows: PlacedText[]
  /** To be turned by −45° about their place. */
  columns: PlacedText[]
  /** Lines of text at the right of each group, the first at y. */
  groups: { lines: string[]; x: number; y: number }[]
  legend: { x: number; y: number; width: number; height: number; steps: number[]; ticks: Tick[] }
  /** Size that is filled. */
  width: number
  height: number
}

/** The colour's share at the upper end of the scale. Text keeps a contrast of 4.5 to 1 on it. */
export const MOST_OPACITY = 0.55
const CHARACTER = 6.3
const GAP = 8
const LARGEST_CELL = 84
const SMALLEST_CELL = 3
const LEGEND = 46
/** Right of the legend: what the colours are of, and what the dashed line is. */
const LEGEND_WORDS = 215
const MOST_CHARACTERS = 24
const SIN45 = Math.SQRT1_2

const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, Math.max(1, most - 1))}…`

/** Two decimals where a cell is wide enough, ".87" in narrower ones, nothing in narrow ones. */
function cellText(value: number | null, cell: number): string {
  if (cell < 22) return ''
  if (value === null) return '–'
  const text = value.toFixed(2)
  return (cell < 30 ? text.replace(/^(-?)0\./, '$1.') : text).replace('-', '−')
}

/** Where each SAE begins along an axis, groups apart. */
function starts(count: number, groups: readonly HeatmapGroup[], cell: number): number[] {
  const firsts = new Set(groups.slice(1).map(({ from }) => from))
  let gaps = 0
  return Array.from({ length: count }, (_, i) => i * cell + (firsts.has(i) ? ++gaps : gaps) * GAP)
}

/** Everything that is drawn of a table of pairs, in pixels: square cells, as large as the place allows. */
export function heatmapGeometry(
  table: HeatmapTable,
  { width, height }: { width: number; height: number },
): HeatmapGeometry {
  const { labels, values, groups, domain } = table
  const count = labels.length
  const most = Math.max(6, Math.min(MOST_CHARACTERS, Math.floor((width * 0.3) / CHARACTER)))
  const shown = labels.map((label) => shortened(label, most))
  const longest = CHARACTER * Math.max(...shown.map((label) => label.length))
  const groupMost = Math.max(6, Math.floor((width * 0.24) / CHARACTER))
  const groupLines = groups.map(({ label }) => label.map((line) => shortened(line, groupMost)))
  const right =
    groups.length === 0 ? 8 : 16 + CHARACTER * Math.max(...groupLines.flat().map((line) => line.length))
  const [left, top] = [longest + 10, longest * SIN45 + 14]
  const gaps = GAP * Math.max(0, groups.length - 1)
  // The last column's label leans out to the right by as much as it rises.
  const room = Math.min(width - left - Math.max(right, top), height - top - LEGEND) - gaps
  const cell = Math.max(SMALLEST_CELL, Math.min(LARGEST_CELL, room / count))
  const at = starts(count, groups, cell)
  const size = count * cell + gaps
  const share = (value: number): number =>
    Math.min(1, Math.max(0, (value - domain[0]) / (domain[1] - domain[0] || 1)))
  const cells = values.flatMap((row, i) =>
    row.map((value, j): HeatmapCell => ({
      ...{ row: i, column: j, x: left + at[j], y: top + at[i], value },
      opacity: value === null || i === j ? 0 : MOST_OPACITY * share(value),
      text: cellText(value, cell),
    })),
  )
  const legendWidth = Math.max(60, Math.min(220, width - left - LEGEND_WORDS))
  const legend = axis({ domain, range: [left, left + legendWidth], ticks: ticksFor(legendWidth, 40) })
  const every = Math.max(1, Math.ceil(12 / cell))
  return {
    cell,
    cells,
    rows: shown.flatMap((text, i) =>
      i % every === 0 ? { text, x: left - 6, y: top + at[i] + cell / 2 } : [],
    ),
    columns: shown.flatMap((text, j) =>
      j % every === 0 ? { text, x: left + at[j] + cell / 2 + 3, y: top - 6 } : [],
    ),
    groups: groups.map(({ from, count: members }, n) => ({
      lines: groupLines[n],
      x: left + size + 10,
      y: top + at[from] + (members * cell) / 2 - (groupLines[n].length - 1) * 7,
    })),
    legend: {
      ...{ x: left, y: top + size + 14, width: legendWidth, height: 8, ticks: legend.ticks },
      steps: Array.from({ length: 24 }, (_, n) => (MOST_OPACITY * (n + 0.5)) / 24),
    },
    width: left + size + Math.max(right, top),
    height: top + size + LEGEND,
  }
}

/** The cell that a key leads to from another; null for other keys. */
export function movedCell(
  key: string,
  { row, column }: { row: number; column: number },
  count: number,
): { row: number; column: number } | null {
  const inside = (n: number): number => Math.min(count - 1, Math.max(0, n))
  if (key === 'ArrowLeft') return { row, column: inside(column - 1) }
  if (key === 'ArrowRight') return { row, column: inside(column + 1) }
  if (key === 'ArrowUp') return { row: inside(row - 1), column }
  if (key === 'ArrowDown') return { row: inside(row + 1), column }
  if (key === 'Home') return { row, column: 0 }
  if (key === 'End') return { row, column: count - 1 }
  return null
}
