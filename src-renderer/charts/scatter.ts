import { quadtree } from 'd3'
import { axis, extent, labelRoom, padded, ticksFor, type Axis } from '#figures/axis.ts'
import { linearWithin, symlogAxis, symlogPadded } from '#figures/symlog.ts'

export interface ScatterPoints {
  x: ArrayLike<number>
  y: ArrayLike<number>
}
export interface ScatterOptions {
  width: number
  height: number
  logX?: boolean
  logY?: boolean
  /** The upward axis is logarithmic both ways from zero: for values of both signs over orders of magnitude. */
  symlogY?: boolean
  xDomain?: [number, number]
  yDomain?: [number, number]
  /** One scale both ways. */
  equal?: boolean
}
export interface ScatterGeometry {
  x: Axis
  y: Axis
  /** Pixels, two entries a point; NaN where a point cannot be shown. */
  at: Float32Array
}

/** Above so many marks they are drawn on a canvas. */
export const CANVAS_FROM = 10_000

/** Room around points whose two axes have one scale, as a share of the longer side. */
const EQUAL_ROOM = 0.12

/** Domains in which a unit is as long on either axis, with room for names; `aspect` is width by height. */
function sameScale(points: ScatterPoints, aspect: number): { x: [number, number]; y: [number, number] } {
  const x: [number, number] = extent([points.x]) ?? [0, 1]
  const y: [number, number] = extent([points.y]) ?? [0, 1]
  const longer = Math.max(x[1] - x[0], y[1] - y[0]) || 1
  const room = 2 * EQUAL_ROOM * longer
  const [xLength, yLength] = [x[1] - x[0] + room, y[1] - y[0] + room]
  const about = ([low, high]: [number, number], length: number): [number, number] => [
    (low + high - length) / 2,
    (low + high + length) / 2,
  ]
  return {
    x: about(x, Math.max(xLength, yLength * aspect)),
    y: about(y, Math.max(yLength, xLength / aspect)),
  }
}

export function scatterGeometry(points: ScatterPoints, options: ScatterOptions): ScatterGeometry {
  const { width, height, logX = false, logY = false } = options
  const within = options.symlogY ? linearWithin(points.y) : null
  const domain = (values: ArrayLike<number>, log: boolean): [number, number] =>
    padded(extent([values], log) ?? [log ? 0.1 : 0, 1], log)
  const yRange: [number, number] = [height - 34, 18]
  const left = 40 // about what the labels of the upward axis take
  const shown = options.equal
    ? sameScale(points, (width - 10 - left) / (yRange[0] - yRange[1]))
    : {
        x: options.xDomain ?? domain(points.x, logX),
        y:
          options.yDomain ??
          (within === null
            ? domain(points.y, logY)
            : symlogPadded(extent([points.y]) ?? [-within, within], within)),
      }
  const up = { domain: shown.y, range: yRange, ticks: ticksFor(yRange[0] - yRange[1], 44) }
  const y = within === null ? axis({ ...up, log: logY }) : symlogAxis({ ...up, within })
  const x = axis({
    domain: shown.x,
    range: [labelRoom(y.ticks), width - 10],
    log: logX,
    ticks: ticksFor(width - 10 - labelRoom(y.ticks)),
  })
  const at = new Float32Array(points.x.length * 2)
  for (let i = 0; i < points.x.length; i++) {
    const shown = (!logX || points.x[i] > 0) && (!logY || points.y[i] > 0)
    at[2 * i] = shown ? x.at(points.x[i]) : NaN
    at[2 * i + 1] = shown ? y.at(points.y[i]) : NaN
  }
  return { x, y, at }
}

/** Finds the point nearest to a pixel, or −1 when none is within `radius`. Built once per geometry. */
export function pointFinder(at: Float32Array): (x: number, y: number, radius: number) => number {
  let tree: ReturnType<typeof quadtree<number>> | undefined
  return (x, y, radius) => {
    tree ??= quadtree<number>()
      .x((i) => at[2 * i])
      .y((i) => at[2 * i + 1])
      .addAll(
        Array.from({ length: at.length / 2 }, (_, i) => i).filter((i) =>
          Number.isFinite(at[2 * i] + at[2 * i + 1]),
        ),
      )
    return tree.find(x, y, radius) ?? -1
  }
}

/** Indices of the points inside a rectangle of pixels. */
export function pointsInside(at: Float32Array, x0: number, y0: number, x1: number, y1: number): number[] {
  const inside: number[] = []
  for (let i = 0; i < at.length / 2; i++) {
    const x = at[2 * i]
    const y = at[2 * i + 1]
    if (x >= x0 && x <= x1 && y >= y0 && y <= y1) inside.push(i)
  }
  return inside
}

export interface Marks {
  at: Float32Array
  /** Resolved colours, one a group. */
  colors: string[]
  groupOf: ((i: number) => number) | undefined
  radius: number
}

/** Draws all marks, group by group, so that the colour is set a few times only. */
export function drawMarks(canvas: HTMLCanvasElement, width: number, height: number, marks: Marks): void {
  const ratio = devicePixelRatio
  canvas.width = Math.round(width * ratio)
  canvas.height = Math.round(height * ratio)
  const context = canvas.getContext('2d')!
  context.scale(ratio, ratio)
  const { at, colors, groupOf, radius } = marks
  context.globalAlpha = 0.55
  for (const [group, color] of colors.entries()) {
    context.fillStyle = color
    context.beginPath()
    for (let i = 0; i < at.length / 2; i++) {
      if ((groupOf?.(i) ?? 0) !== group) continue
      const x = at[2 * i]
      const y = at[2 * i + 1]
      if (!Number.isFinite(x + y)) continue
      context.moveTo(x + radius, y)
      context.arc(x, y, radius, 0, 2 * Math.PI)
    }
    context.fill()
  }
}
