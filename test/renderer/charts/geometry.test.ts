import { describe, expect, test } from 'vitest'
import { binned, brushed, histogramGeometry, nudged } from '../../../src-renderer/charts/histogram.ts'
import { lineGeometry, nearestPoint, type LineSeries } from '#figures/line-chart.ts'
import { pointFinder, pointsInside, scatterGeometry } from '../../../src-renderer/charts/scatter.ts'
import { sparkBars, sparkPath } from '../../../src-renderer/charts/sparkline.ts'
import { csvText } from '#figures/table.ts'

const SIZE = { width: 400, height: 200 }

describe('a line chart', () => {
  const series = (id: string, y: number[]): LineSeries => ({ id, label: id, x: y.map((_, i) => i), y })
  test('draws each line within the frame', () => {
    const { x, y, lines } = lineGeometry([series('a', [0, 1, 4])], SIZE)
    expect(lines[0].path).toMatch(/^M[\d.]+,[\d.]+L[\d.]+,[\d.]+L[\d.]+,[\d.]+$/)
    expect(x.at(2)).toBe(x.range[1])
    expect(y.at(4)).toBeGreaterThan(y.range[1])
  })
  test('interrupts a line where it cannot be shown', () => {
    const { lines } = lineGeometry([series('a', [1, 0, 10, 100])], { ...SIZE, logY: true })
    expect(lines[0].path.match(/M/g)).toHaveLength(2)
  })
  test('names lines at their ends where there are a few and there is room', () => {
    const many = Array.from({ length: 9 }, (_, i) => series(`run ${i}`, [i, i + 1]))
    expect(lineGeometry(many.slice(0, 3), SIZE).labels.map(({ item }) => item.label)).toEqual([
      'run 2',
      'run 1',
      'run 0',
    ])
    expect(lineGeometry(many, SIZE).labels).toEqual([])
    expect(lineGeometry(many.slice(0, 3), { width: 160, height: 200 }).labels).toEqual([])
  })
  test('draws an empty frame when there is nothing yet', () => {
    expect(lineGeometry([series('a', [])], SIZE).lines[0].path).toBe('')
  })
  test('finds the point nearest to the pointer', () => {
    const x = [0, 10, 20, 40]
    expect([-5, 4, 6, 29, 31, 99].map((at) => nearestPoint(x, at))).toEqual([0, 0, 1, 2, 3, 3])
    expect(nearestPoint([], 1)).toBe(-1)
  })
})

describe('a histogram', () => {
  test('counts values into bins, the last edge included, the outside left out', () => {
    expect(Array.from(binned([0, 0.1, 0.5, 1, 1.5, -1], 0, 1, 2).counts)).toEqual([2, 2])
  })
  test('bins equally in the logarithm', () => {
    const { edges, counts } = binned([1, 5, 50, 99], 1, 100, 2, true)
    expect(Array.from(edges, Math.round)).toEqual([1, 10, 100])
    expect(Array.from(counts)).toEqual([2, 2])
  })
  test('draws a bar for each bin, as high as its count', () => {
    const { bars, y } = histogramGeometry({ edges: [0, 1, 2, 3], counts: [4, 0, 2] }, SIZE)
    expect(bars.map(({ height }) => Math.round(height))).toEqual(
      [142, 0, 71].map((h) => Math.round((h / 142) * bars[0].height)),
    )
    expect(bars[0].y).toBeGreaterThan(y.range[1])
  })
  test('shows a count of one on a log axis', () => {
    const { bars } = histogramGeometry({ edges: [0, 1, 2], counts: [1, 1000] }, { ...SIZE, logY: true })
    expect(bars[0].height).toBeGreaterThan(5)
  })
  test('reads a brush in either direction, and a click as none', () => {
    const { x } = histogramGeometry({ edges: [0, 10], counts: [1] }, SIZE)
    const [from, to] = [x.at(2), x.at(6)]
    expect(brushed(x, to, from)?.map(Math.round)).toEqual([2, 6])
    expect(brushed(x, from, from + 2)).toBeNull()
    expect(brushed(x, from, 9999)?.[1]).toBe(10)
  })
  test('moves a handle by keys and no further than the axis', () => {
    const { x } = histogramGeometry({ edges: [0, 1], counts: [1] }, SIZE)
    expect(nudged(x, 0.5, 'ArrowRight', false)).toBeCloseTo(0.51)
    expect(nudged(x, 0.5, 'ArrowLeft', true)).toBeCloseTo(0.4)
    expect(nudged(x, 0.995, 'ArrowRight', false)).toBe(1)
    expect(nudged(x, 0.5, 'a', false)).toBeNull()
  })
})

describe('a scatter plot', () => {
  const points = { x: [0, 1, 2], y: [0, 1, 0.5] }
  test('finds the nearest point within reach, else none', () => {
    const { at } = scatterGeometry(points, SIZE)
    const find = pointFinder(at)
    expect(find(at[2] + 3, at[3], 10)).toBe(1)
    expect(find(at[2] + 30, at[3] + 30, 10)).toBe(-1)
  })
  test('knows which points a rectangle holds', () => {
    const { at } = scatterGeometry(points, SIZE)
    expect(pointsInside(at, at[0] - 1, 0, at[2] + 1, 200)).toEqual([0, 1])
  })
  test('leaves out what a log axis cannot show', () => {
    const { at } = scatterGeometry({ x: [0, 1, 10], y: [1, 1, 2] }, { ...SIZE, logX: true })
    expect(Number.isNaN(at[0])).toBe(true)
    expect(pointFinder(at)(at[2], at[3], 5)).toBe(1)
  })
})

test('a sparkline fills its box and keeps small bars visible', () => {
  expect(sparkPath([0, 1], 10, 10)).toBe('M0.0,9.0L10.0,1.0')
  expect(sparkPath([5], 10, 10)).toBe('')
  expect(sparkBars([1, 1000, 0], 10)).toEqual([1, 10, 0])
})

test('a chart’s numbers are RFC 4180', () => {
  expect(
    csvText({
      columns: ['name', 'x'],
      rows: [
        ['a "b", c', 1],
        ['d', 2],
      ],
    }),
  ).toBe('name,x\n"a ""b"", c",1\nd,2\n')
})
