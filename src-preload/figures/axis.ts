import { scaleLinear, scaleLog, ticks } from 'd3'
import { short } from './number.ts'

export interface Tick {
  value: number
  /** Pixels. */
  at: number
  label: string
}
/** A scale with everything a chart draws of it. Values that a log axis cannot show are at its lower end. */
export interface Axis {
  at(value: number): number
  /** The value at a pixel. */
  value(pixel: number): number
  ticks: Tick[]
  domain: [number, number]
  range: [number, number]
  kind: 'linear' | 'log' | 'symlog'
}

/** The smallest and largest finite value (above zero on a log axis), over any number of arrays; null without any. */
export function extent(arrays: Iterable<ArrayLike<number>>, log = false): [number, number] | null {
  let low = Infinity
  let high = -Infinity
  for (const values of arrays)
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      if (!Number.isFinite(value) || (log && value <= 0)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  return low > high ? null : [low, high]
}

/**
 * Room around what is shown, so that no mark sits on the frame; a single value gets room to both sides. What is never
 * below zero is not given room below zero.
 */
export function padded([low, high]: [number, number], log: boolean, share = 0.04): [number, number] {
  if (log) {
    const factor = low === high ? 2 : (high / low) ** share
    return [low / factor, high * factor]
  }
  const room = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * share
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room]
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const raised = (power: string): string =>
  [...power].map((c) => (c === '-' ? '⁻' : (SUPERSCRIPTS[Number(c)] ?? ''))).join('')

/** 0.25, 5,000 → "5000", 20,000 → "20k", 0.0001 → "10⁻⁴". */
export function tickLabel(value: number): string {
  const size = Math.abs(value)
  if (size >= 10_000) return short(value)
  if (size === 0 || size >= 1e-3) return String(Number(value.toPrecision(6))).replace('-', '−')
  const [mantissa, power] = Number(value.toPrecision(3)).toExponential().split('e')
  const times = mantissa === '1' ? '' : mantissa === '-1' ? '−' : `${mantissa.replace('-', '−')}·`
  return `${times}10${raised(power)}`
}

/** On a log axis: powers of ten; with less than two of them in sight 2 and 5 as well, or evenly on a short stretch. */
function logTicks(low: number, high: number, wanted: number): number[] {
  const first = Math.floor(Math.log10(low))
  const last = Math.ceil(Math.log10(high))
  const decades = Array.from({ length: last - first + 1 }, (_, i) => first + i)
  const every = Math.max(1, Math.ceil(decades.length / wanted))
  const powers = decades.filter((power) => power % every === 0).map((power) => 10 ** power)
  const inside = powers.filter((value) => value >= low && value <= high)
  if (inside.length >= 2) return inside
  const steps = decades
    .flatMap((power) => [1, 2, 5].map((m) => m * 10 ** power))
    .filter((value) => value >= low && value <= high)
  return steps.length >= 3 ? steps : ticks(low, high, wanted)
}

export interface AxisOptions {
  domain: [number, number]
  range: [number, number]
  log?: boolean
  /** About how many ticks. */
  ticks?: number
  label?: (value: number) => string
}

/** An axis over `domain`, drawn along `range` (pixels; from larger to smaller for an upward axis). */
export function axis({
  domain,
  range,
  log = false,
  ticks: wanted = 5,
  label = tickLabel,
}: AxisOptions): Axis {
  const scale = (log ? scaleLog() : scaleLinear()).domain(domain).range(range)
  const values = log ? logTicks(domain[0], domain[1], wanted) : scale.ticks(wanted)
  const at = (value: number): number => (log && value <= 0 ? range[0] : scale(value))
  return {
    at,
    value: (pixel) => scale.invert(pixel),
    ticks: values.map((value) => ({ value, at: at(value), label: label(value) })),
    domain,
    range,
    kind: log ? 'log' : 'linear',
  }
}

/** How many ticks fit along so many pixels. */
export const ticksFor = (pixels: number, each = 70): number => Math.max(2, Math.floor(pixels / each))

/** Left margin that holds the widest label of an upward axis, at 11 px. */
export const labelRoom = (ticks: Tick[]): number =>
  12 + 6.4 * Math.max(2, ...ticks.map(({ label }) => label.length))
