import { axis, labelRoom, padded, ticksFor, type Axis } from '#figures/axis.ts'

/** `edges` has one entry more than `counts`: bin i is [edges[i], edges[i+1]). */
export interface Bins {
  edges: ArrayLike<number>
  counts: ArrayLike<number>
}
export interface HistogramOptions {
  width: number
  height: number
  /** Bins of equal width in the logarithm; the axis is drawn so. */
  logX?: boolean
  logY?: boolean
  /** The upward axis reaches at least so high. */
  atLeast?: number
}
export interface HistogramGeometry {
  x: Axis
  y: Axis
  bars: { x: number; y: number; width: number; height: number; from: number; to: number; count: number }[]
}

/** Counts values into equal bins over [from, to] (equal in the logarithm when `log`); what lies outside is left out. */
export function binned(values: ArrayLike<number>, from: number, to: number, bins: number, log = false): Bins {
  const warp = (v: number): number => (log ? Math.log10(v) : v)
  const low = warp(from)
  const step = (warp(to) - low) / bins
  const counts = new Float64Array(bins)
  for (let i = 0; i < values.length; i++) {
    const at = (warp(values[i]) - low) / step
    if (at >= 0 && at <= bins) counts[Math.min(bins - 1, Math.floor(at))]++
  }
  const edges = Array.from({ length: bins + 1 }, (_, i) => (log ? 10 ** (low + i * step) : low + i * step))
  return { edges, counts }
}

const GAP = 1

/** Everything that is drawn of a histogram, in pixels. Bars of a log count begin at one half. */
export function histogramGeometry({ edges, counts }: Bins, options: HistogramOptions): HistogramGeometry {
  const { width, height, logX = false, logY = false, atLeast = 0 } = options
  const most = Math.max(1, atLeast, ...Array.from(counts))
  const yRange: [number, number] = [height - 34, 18]
  const y = axis({
    domain: logY ? [0.5, most * 1.3] : [0, padded([0, most], false)[1]],
    range: yRange,
    log: logY,
    ticks: ticksFor(yRange[0] - yRange[1], 44),
  })
  const x = axis({
    domain: edges.length > 1 ? [edges[0], edges[edges.length - 1]] : [0, 1],
    range: [labelRoom(y.ticks), width - 10],
    log: logX,
    ticks: ticksFor(width - 10 - labelRoom(y.ticks)),
  })
  const floor = y.range[0]
  const bars = Array.from(counts, (count, i) => {
    const left = x.at(edges[i])
    const top = count > 0 ? y.at(count) : floor
    return {
      x: left,
      y: top,
      width: Math.max(1, x.at(edges[i + 1]) - left - GAP),
      height: floor - top,
      from: edges[i],
      to: edges[i + 1],
      count,
    }
  })
  return { x, y, bars }
}

/** A range put in order and kept within an axis; null when it is too narrow to have been meant. */
export function brushed(x: Axis, a: number, b: number): [number, number] | null {
  if (Math.abs(a - b) < 4) return null
  const inside = (pixel: number): number => Math.min(Math.max(pixel, x.range[0]), x.range[1])
  return [x.value(inside(Math.min(a, b))), x.value(inside(Math.max(a, b)))]
}

/** Where an arrow key moves a handle: 1 % of the axis, 10 % with Shift, the ends with Home and End; null for other keys. */
export function nudged(x: Axis, value: number, key: string, large: boolean): number | null {
  const step = (x.range[1] - x.range[0]) * (large ? 0.1 : 0.01)
  const moves: Record<string, number> = {
    ArrowLeft: x.at(value) - step,
    ArrowDown: x.at(value) - step,
    ArrowRight: x.at(value) + step,
    ArrowUp: x.at(value) + step,
    Home: x.range[0],
    End: x.range[1],
  }
  return key in moves ? x.value(Math.min(x.range[1], Math.max(x.range[0], moves[key]))) : null
}
