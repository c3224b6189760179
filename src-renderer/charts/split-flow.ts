import { area, curveBumpX } from 'd3'
import type { SplitCounts } from '#contract/splitting.ts'

export type SplitFate = 'kept' | 'split' | 'vanished' | 'novel'
/** What flows from one width to the next, or begins or ends there. */
export interface FlowBand {
  fate: SplitFate
  /** Index of the narrower of the two. */
  level: number
  /** Features at its left and at its right; what begins or ends has one side only. */
  from: number
  to: number
  path: string
  /** Where its count stands, and how high it is there; null where there is no room for it. */
  label: { x: number; y: number } | null
}
export interface FlowColumn {
  x: number
  y: number
  height: number
}
export interface FlowGeometry {
  columns: FlowColumn[]
  bands: FlowBand[]
}

const COLUMN = 12
const TOP = 24
const BOTTOM = 8
const SIDE = 56
/** How far what begins or ends reaches, as a share of the room between two columns. */
const STUB = 0.16
const LABEL_HEIGHT = 12

interface End {
  x: number
  y0: number
  y1: number
}
const ribbon = area<End>()
  .x(({ x }) => x)
  .y0(({ y0 }) => y0)
  .y1(({ y1 }) => y1)
  .curve(curveBumpX)
const between = (left: End, right: End): string => ribbon([left, right]) ?? ''

/** Features as columns, one for each width, and the bands between them: from coarse at the left to fine at the right. */
export function splitFlow(
  sizes: readonly number[],
  counts: readonly SplitCounts[],
  { width, height }: { width: number; height: number },
): FlowGeometry {
  const room = Math.max(40, height - TOP - BOTTOM)
  const scale = room / Math.max(1, ...sizes)
  const step = (Math.max(160, width) - 2 * SIDE - COLUMN) / Math.max(1, sizes.length - 1)
  const columns = sizes.map((size, level) => ({ x: SIDE + level * step, y: TOP, height: size * scale }))
  const bands = counts.flatMap((count, level): FlowBand[] => {
    const left = columns[level].x + COLUMN
    const right = columns[level + 1].x
    const stub = (right - left) * STUB
    let [down, downNext] = [TOP, TOP]
    const band = (fate: SplitFate, from: number, to: number): FlowBand => {
      const start: End = { x: left, y0: down, y1: (down += from * scale) }
      const end: End = { x: right, y0: downNext, y1: (downNext += to * scale) }
      const [a, b] =
        fate === 'vanished'
          ? [start, { ...start, x: left + stub }]
          : fate === 'novel'
            ? [{ ...end, x: right - stub }, end]
            : [start, end]
      const middle = { x: (a.x + b.x) / 2, y: (a.y0 + a.y1 + b.y0 + b.y1) / 4 }
      const high = (a.y1 - a.y0 + b.y1 - b.y0) / 2
      const beside = fate === 'vanished' ? b.x + 6 : fate === 'novel' ? a.x - 6 : middle.x
      const label = high >= LABEL_HEIGHT ? { x: beside, y: middle.y } : null
      return { fate, level, from, to, path: between(a, b), label }
    }
    return [
      band('kept', count.kept, count.kept),
      band('split', count.split, count.parts),
      band('vanished', count.vanished, 0),
      band('novel', 0, count.novel),
    ].filter(({ from, to }) => from + to > 0)
  })
  return { columns, bands }
}
