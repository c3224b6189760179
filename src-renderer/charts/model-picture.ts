// A transformer as a picture: one row a block, the residual stream running through it from left to right.
import type { HookPoint } from '#contract/model.ts'

export interface PicturePoint {
  name: string
  /** Without the block: "hook_resid_pre". */
  short: string
  layer: number | null
  width: number
  x: number
  y: number
  labelY: number
}
export interface PictureBox {
  label: string
  x: number
  y: number
  width: number
  height: number
}
export interface PictureBlock {
  layer: number
  y: number
  /** SVG paths of the lines that carry activations. */
  lines: string[]
  boxes: PictureBox[]
  /** Where a branch is added to the residual stream. */
  sums: { x: number; y: number }[]
}
export interface ModelPicture {
  height: number
  /** Of a block's row. */
  rowHeight: number
  blocks: PictureBlock[]
  points: PicturePoint[]
}
interface Shape {
  hookPoints: readonly HookPoint[]
  layers: number
  parallelResidual: boolean
}

const LEFT = 68
const RIGHT = 44
const EMBED_HEIGHT = 40
const ROW = { serial: 92, parallel: 122 }
const EMBED_Y = 22
const BOX = { width: 66, height: 24 }

/** Where along a row (0 … 1) things stand, and on which line: the stream, the attention branch, the MLP branch. */
type Line = 'stream' | 'attention' | 'mlp'
interface Place {
  at: number
  line: Line
}
interface Branch {
  leaves: number
  box: number
  joins: number
  line: 'attention' | 'mlp'
  label: string
}
interface Layout {
  points: Record<string, Place>
  branches: Branch[]
}
const SERIAL: Layout = {
  points: {
    hook_resid_pre: { at: 0.04, line: 'stream' },
    'attn.hook_z': { at: 0.26, line: 'attention' },
    hook_attn_out: { at: 0.39, line: 'attention' },
    hook_resid_mid: { at: 0.5, line: 'stream' },
    'mlp.hook_post': { at: 0.72, line: 'mlp' },
    hook_mlp_out: { at: 0.85, line: 'mlp' },
    hook_resid_post: { at: 0.96, line: 'stream' },
  },
  branches: [
    { leaves: 0.075, box: 0.15, joins: 0.45, line: 'attention', label: 'attention' },
    { leaves: 0.535, box: 0.61, joins: 0.91, line: 'mlp', label: 'MLP' },
  ],
}
const PARALLEL: Layout = {
  points: {
    hook_resid_pre: { at: 0.06, line: 'stream' },
    'attn.hook_z': { at: 0.46, line: 'attention' },
    hook_attn_out: { at: 0.7, line: 'attention' },
    'mlp.hook_post': { at: 0.46, line: 'mlp' },
    hook_mlp_out: { at: 0.7, line: 'mlp' },
    hook_resid_post: { at: 0.94, line: 'stream' },
  },
  branches: [
    { leaves: 0.12, box: 0.28, joins: 0.84, line: 'attention', label: 'attention' },
    { leaves: 0.12, box: 0.28, joins: 0.87, line: 'mlp', label: 'MLP' },
  ],
}

function lineHeights(parallel: boolean): Record<Line, number> {
  return parallel ? { attention: 24, stream: 54, mlp: 84 } : { attention: 24, mlp: 24, stream: 56 }
}

function blockAt(layer: number, top: number, along: (at: number) => number, shape: Shape): PictureBlock {
  const { branches } = shape.parallelResidual ? PARALLEL : SERIAL
  const heights = lineHeights(shape.parallelResidual)
  const stream = top + heights.stream
  const lines = [`M${along(0)},${stream}H${along(1)}`]
  if (layer === 0) lines.push(`M${along(0)},${EMBED_Y}V${stream}`)
  if (layer + 1 < shape.layers) {
    const rowHeight = shape.parallelResidual ? ROW.parallel : ROW.serial
    const between = top + rowHeight - 4
    lines.push(`M${along(1)},${stream}h8V${between}H${along(0) - 8}V${stream + rowHeight}h8`)
  }
  for (const { leaves, joins, line } of branches)
    lines.push(`M${along(leaves)},${stream}V${top + heights[line]}H${along(joins)}V${stream}`)
  return {
    layer,
    y: stream,
    lines,
    boxes: branches.map(({ box, line, label }) => ({
      label,
      x: along(box) - BOX.width / 2,
      y: top + heights[line] - BOX.height / 2,
      ...BOX,
    })),
    sums: branches.map(({ joins }) => ({ x: along(joins), y: stream })),
  }
}

/** The picture of a model for a width in pixels; hook points it does not know stand nowhere. */
export function modelPicture(shape: Shape, width: number): ModelPicture {
  const rowHeight = shape.parallelResidual ? ROW.parallel : ROW.serial
  const { points: places } = shape.parallelResidual ? PARALLEL : SERIAL
  const heights = lineHeights(shape.parallelResidual)
  const along = (at: number): number => Math.round(LEFT + at * (width - LEFT - RIGHT))
  const topOf = (layer: number): number => EMBED_HEIGHT + layer * rowHeight

  const points = shape.hookPoints.flatMap((point): PicturePoint[] => {
    if (point.layer === null) return [{ ...point, short: point.name, x: along(0), y: EMBED_Y, labelY: 8 }]
    const short = point.name.replace(/^blocks\.\d+\./, '')
    const place = places[short]
    if (!place) return []
    const y = topOf(point.layer) + heights[place.line]
    const above = place.line === 'attention' || (place.line === 'mlp' && !shape.parallelResidual)
    return [{ ...point, short, x: along(place.at), y, labelY: above ? y - 13 : y + 20 }]
  })
  return {
    height: topOf(shape.layers) + 8,
    rowHeight,
    blocks: Array.from({ length: shape.layers }, (_, layer) => blockAt(layer, topOf(layer), along, shape)),
    points,
  }
}

/** Where an arrow key goes from a hook point: along the row, or to the same place in the next block. */
export function pointBeside(points: readonly PicturePoint[], name: string, key: string): string | null {
  const now = points.find((point) => point.name === name)
  if (!now) return null
  const row = points.filter(({ layer }) => layer === now.layer).sort((a, b) => a.x - b.x)
  const at = row.indexOf(now)
  const inBlock = (layer: number): string | null => {
    const candidates = points.filter((point) => point.layer === layer)
    if (candidates.length === 0) return null
    const same = candidates.find(({ short }) => short === now.short)
    return (same ?? candidates.reduce((a, b) => (Math.abs(b.x - now.x) < Math.abs(a.x - now.x) ? b : a))).name
  }
  switch (key) {
    case 'ArrowRight':
      return row[at + 1]?.name ?? null
    case 'ArrowLeft':
      return row[at - 1]?.name ?? null
    case 'ArrowDown':
      return inBlock(now.layer === null ? 0 : now.layer + 1)
    case 'ArrowUp':
      return now.layer === 0
        ? (points.find(({ layer }) => layer === null)?.name ?? null)
        : inBlock((now.layer ?? 0) - 1)
    default:
      return null
  }
}
