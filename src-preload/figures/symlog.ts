import { scaleSymlog } from 'd3'
import { tickLabel, type Axis, type AxisOptions } from './axis.ts'

// An axis for values of both signs over orders of magnitude: logarithmic both ways from zero, and linear about it
// (d3's scaleSymlog, after Webber 2013, "A bi-symmetric log transformation for wide-range data").

/** No more orders of magnitude than these are told apart on either side of zero. */
const MOST_DECADES = 6

/**
 * The size below which an axis of these values is about linear: a power of ten, at or below the smallest tenth of the
 * sizes that are not zero.
 */
export function linearWithin(values: ArrayLike<number>): number {
  const sizes = Array.from(values, Math.abs).filter((size) => Number.isFinite(size) && size > 0)
  if (sizes.length === 0) return 1
  sizes.sort((a, b) => a - b)
  const least = Math.max(sizes[Math.floor(sizes.length / 10)], sizes[sizes.length - 1] / 10 ** MOST_DECADES)
  return 10 ** Math.floor(Math.log10(least))
}

/** Room around what is shown, as a share of the axis as it is drawn. */
export function symlogPadded([low, high]: [number, number], within: number, share = 0.04): [number, number] {
  const scale = scaleSymlog().constant(within).domain([low, high]).range([0, 1])
  if (low === high) return [low - (Math.abs(low) || within), high + (Math.abs(high) || within)]
  return [scale.invert(-share), scale.invert(1 + share)]
}

/** Zero and powers of ten, the same ones on both sides, as many as keep `gap` pixels between them: the largest first. */
function symlogTicks(domain: [number, number], within: number, at: (value: number) => number, gap: number) {
  const size = (value: number): number => Math.abs(at(value) - at(0))
  const first = Math.round(Math.log10(within))
  const last = Math.floor(Math.log10(Math.max(Math.abs(domain[0]), Math.abs(domain[1]), within)))
  const powers: number[] = []
  for (let power = last, outer = Infinity; power >= first; power--) {
    const own = size(10 ** power)
    if (own < gap) break
    if (outer - own < gap) continue
    powers.push(10 ** power)
    outer = own
  }
  const inside = [...powers.map((value) => -value), 0, ...powers.reverse()].filter(
    (value) => value >= domain[0] && value <= domain[1],
  )
  // A short side has one tick of its own, where there is room for it.
  const oneOf = (limit: number): number[] => {
    const power = 10 ** Math.floor(Math.log10(Math.abs(limit)))
    const value = [5, 2, 1].map((m) => m * power).find((v) => v <= Math.abs(limit))!
    return limit !== 0 && size(value) >= gap / 2 ? [Math.sign(limit) * value] : []
  }
  if (domain[0] < 0 && !inside.some((value) => value < 0)) inside.unshift(...oneOf(domain[0]))
  if (domain[1] > 0 && !inside.some((value) => value > 0)) inside.push(...oneOf(domain[1]))
  return inside
}

/** An axis over `domain` that is logarithmic both ways from zero, and about linear where values are below `within`. */
export function symlogAxis({
  domain,
  range,
  within,
  ticks: wanted = 5,
  label = tickLabel,
}: Omit<AxisOptions, 'log'> & { within: number }): Axis {
  const scale = scaleSymlog().constant(within).domain(domain).range(range)
  const at = (value: number): number => scale(value)
  const gap = (0.6 * Math.abs(range[1] - range[0])) / wanted
  return {
    at,
    value: (pixel) => scale.invert(pixel),
    ticks: symlogTicks(domain, within, at, gap).map((value) => ({
      value,
      at: at(value),
      label: label(value),
    })),
    domain,
    range,
    kind: 'symlog',
  }
}
