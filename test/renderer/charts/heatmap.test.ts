import { describe, expect, test } from 'vitest'
import { heatmapGeometry, MOST_OPACITY, movedCell, type HeatmapTable } from '#figures/heatmap.ts'
import { lineGeometry } from '#figures/line-chart.ts'

const table = (count: number, groups: HeatmapTable['groups'] = []): HeatmapTable => ({
  labels: Array.from({ length: count }, (_, i) => `SAE ${i}`),
  values: Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (__, j) => (i === j ? 1 : j / 10)),
  ),
  groups,
  domain: [0, 1],
})

describe('a table of pairs', () => {
  test('has square cells inside its place, coloured by value, its own pairs apart', () => {
    const { cell, cells } = heatmapGeometry(table(3), { width: 500, height: 400 })
    expect(cells).toHaveLength(9)
    expect(cells[1]).toMatchObject({ row: 0, column: 1, text: '0.10', opacity: MOST_OPACITY * 0.1 })
    expect(cells[4]).toMatchObject({ text: '1.00', opacity: 0 })
    expect(cells[1].x - cells[0].x).toBeCloseTo(cell)
    expect(cells[8].x + cell).toBeLessThan(500)
    expect(cells[8].y + cell).toBeLessThan(400)
  })
  test('parts groups and names them', () => {
    const groups = [
      { label: ['a model', 'layer 1'], from: 0, count: 2 },
      { label: ['a model', 'layer 2'], from: 2, count: 1 },
    ]
    const { cell, cells, groups: named } = heatmapGeometry(table(3, groups), { width: 600, height: 400 })
    expect(cells[1].x - cells[0].x).toBeCloseTo(cell)
    expect(cells[2].x - cells[1].x).toBeGreaterThan(cell + 4)
    expect(named.map(({ lines }) => lines[1])).toEqual(['layer 1', 'layer 2'])
  })
  test('writes fewer figures into small cells, and none into tiny ones; what is not known is a dash', () => {
    const many = heatmapGeometry(table(14), { width: 460, height: 460 })
    expect(many.cells[1].text).toBe('.10')
    expect(heatmapGeometry(table(60), { width: 460, height: 460 }).cells[1].text).toBe('')
    const unknown = { ...table(2), values: [[1, null], [null, 1]] } // prettier-ignore
    expect(heatmapGeometry(unknown, { width: 400, height: 400 }).cells[1]).toMatchObject({
      text: '–',
      opacity: 0,
    })
  })
  test('is walked by arrow keys and no others', () => {
    expect(movedCell('ArrowRight', { row: 0, column: 2 }, 3)).toEqual({ row: 0, column: 2 })
    expect(movedCell('ArrowDown', { row: 0, column: 2 }, 3)).toEqual({ row: 1, column: 2 })
    expect(movedCell('End', { row: 1, column: 0 }, 3)).toEqual({ row: 1, column: 2 })
    expect(movedCell('a', { row: 0, column: 0 }, 3)).toBeNull()
  })
})

test('names of lines above their highest points stand apart and inside the plot', () => {
  const line = (id: string, y: number[]) => ({ id, label: id, x: [0, 1, 2], y })
  const { labels, x } = lineGeometry(
    [line('one', [0, 5, 0]), line('two', [0, 5, 0]), line('three', [4, 0, 0])],
    {
      ...{ width: 400, height: 200, names: 'peak' },
    },
  )
  expect(labels).toHaveLength(3)
  expect(labels.every(({ anchor }) => anchor === 'middle')).toBe(true)
  expect(Math.abs(labels[0].at - labels[1].at)).toBeGreaterThanOrEqual(13)
  expect(labels.find(({ item }) => item.id === 'three')!.x).toBeGreaterThanOrEqual(x.range[0])
})
