import { describe, expect, test } from 'vitest'
import { axis, extent, padded, ticksFor } from '#figures/axis.ts'
import { linearWithin, symlogAxis, symlogPadded } from '#figures/symlog.ts'
import { spread } from '#figures/labels.ts'

describe('an axis', () => {
  test('maps values to pixels and back', () => {
    const x = axis({ domain: [0, 10], range: [100, 200] })
    expect([x.at(0), x.at(5), x.at(10)]).toEqual([100, 150, 200])
    expect(x.value(150)).toBe(5)
  })
  test('on a log axis ticks at powers of ten, or at 1, 2, 5 where there is less than two powers', () => {
    const label = (domain: [number, number]): string[] =>
      axis({ domain, range: [0, 100], log: true, ticks: 6 }).ticks.map((tick) => tick.label)
    expect(label([1e-5, 1])).toEqual(['10⁻⁵', '10⁻⁴', '0.001', '0.01', '0.1', '1'])
    expect(label([0.3, 3])).toEqual(['0.5', '1', '2'])
    expect(label([19, 21])).toEqual(['19', '19.5', '20', '20.5', '21'])
    expect(label([19, 21])).toEqual(['19', '19.5', '20', '20.5', '21'])
  })
  test('puts what a log axis cannot show at its lower end', () => {
    const y = axis({ domain: [0.1, 10], range: [100, 0], log: true })
    expect([y.at(0), y.at(-3)]).toEqual([100, 100])
  })
  test('labels large values shortly', () => {
    expect(axis({ domain: [0, 6e6], range: [0, 300], ticks: 3 }).ticks.map(({ label }) => label)).toEqual([
      '0',
      '2M',
      '4M',
      '6M',
    ])
  })
})

describe('a symlog axis', () => {
  const labels = (domain: [number, number], within: number, ticks: number, length = 200): string[] =>
    symlogAxis({ domain, range: [length, 0], within, ticks }).ticks.map(({ label }) => label)
  test('is logarithmic both ways from zero, and maps to pixels and back', () => {
    const y = symlogAxis({ domain: [-100, 100], range: [200, 0], within: 0.01 })
    expect(y.at(0)).toBeCloseTo(100, 9)
    expect(y.at(1) - y.at(10)).toBeCloseTo(y.at(10) - y.at(100), 0)
    expect(y.at(-10) - 100).toBeCloseTo(100 - y.at(10), 9)
    for (const value of [-73, -0.004, 0, 0.2, 55]) expect(y.value(y.at(value))).toBeCloseTo(value, 9)
    expect(y.kind).toBe('symlog')
  })
  test('has ticks at zero and at the same powers of ten on both sides, as many as fit', () => {
    expect(labels([-120, 120], 0.1, 8)).toEqual(['−100', '−10', '−1', '0', '1', '10', '100'])
    expect(labels([-120, 120], 0.1, 3)).toEqual(['−100', '0', '100'])
    expect(labels([-2, 1500], 1, 8)).toEqual(['−1', '0', '1', '10', '100', '1000'])
    expect(labels([-2e-4, 3e-4], 1e-6, 6)).toEqual(['−10⁻⁴', '−10⁻⁵', '0', '10⁻⁵', '10⁻⁴'])
    expect(labels([2, 300], 1, 6)).toEqual(['10', '100'])
    expect(labels([-7.4, 900], 1, 4)).toEqual(['−5', '0', '10', '100'])
  })
  test('is linear below the smallest tenth of the sizes, and tells six decades apart at most', () => {
    expect(linearWithin([-500, 3, 0.02, 7, 40, 0.5, 9, -8, 60, 70, 0])).toBe(0.1)
    expect(linearWithin([1e-30, 20])).toBe(1e-5)
    expect(linearWithin([0, NaN])).toBe(1)
  })
  test('gives room as a share of what is drawn', () => {
    const [low, high] = symlogPadded([-10, 1000], 1)
    const y = symlogAxis({ domain: [low, high], range: [0, 108], within: 1 })
    expect(y.at(-10)).toBeCloseTo(4, 6)
    expect(y.at(1000)).toBeCloseTo(104, 6)
    expect(symlogPadded([0, 0], 1)).toEqual([-1, 1])
  })
})

test('the extent leaves out what is not a number, and on a log axis what is not above zero', () => {
  expect(extent([[3, NaN, -1], new Float32Array([7, Infinity])])).toEqual([-1, 7])
  expect(extent([[0, 0.5, 20]], true)).toEqual([0.5, 20])
  expect(extent([[NaN]])).toBeNull()
})

test('a single value gets room to both sides', () => {
  expect(padded([4, 4], false)).toEqual([3.6, 4.4])
  expect(padded([0, 0], false)).toEqual([0, 1])
  expect(padded([-1, 1], false)[0]).toBeLessThan(-1)
  expect(padded([10, 10], true)).toEqual([5, 20])
})

test('as many ticks as fit, at least two', () => {
  expect([ticksFor(700), ticksFor(60)]).toEqual([10, 2])
})

describe('labels beside one another', () => {
  const at = (wanted: number[], low = 0, high = 100): number[] =>
    spread(
      wanted.map((w) => ({ item: w, wanted: w })),
      10,
      low,
      high,
    ).map((one) => one.at)
  test('stay where they want to be when there is room', () => {
    expect(at([10, 40, 90])).toEqual([10, 40, 90])
  })
  test('share the shift around their middle when there is none', () => {
    expect(at([50, 50, 50])).toEqual([40, 50, 60])
    expect(at([50, 52])).toEqual([46, 56])
  })
  test('stay inside', () => {
    expect(at([0, 1, 2])).toEqual([0, 10, 20])
    expect(at([99, 100])).toEqual([90, 100])
  })
})
