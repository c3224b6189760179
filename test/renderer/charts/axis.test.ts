import { describe, expect, test } from 'vitest'
import { axis, extent, padded, ticksFor } from '#figures/axis.ts'
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
