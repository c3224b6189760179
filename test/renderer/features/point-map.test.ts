import { describe, expect, test } from 'vitest'
import { insideLasso, placedOnMap } from '../../../src-renderer/charts/point-map.ts'
import { mapGroups } from '../../../src-renderer/views/features/map-colors.ts'
import { fakeLabel, fakeTable } from './fake-features.ts'

describe('points on a map', () => {
  test('keep their shape whatever the pane’s, y upwards, within the margin', () => {
    const at = placedOnMap({ x: [0, 2, 1], y: [0, 0, 1] }, 220, 120)
    expect([...at]).toEqual([10, 110, 210, 110, 110, 10])
  })

  test('one point stands in the middle, no points are no trouble', () => {
    expect([...placedOnMap({ x: [5], y: [5] }, 100, 60)]).toEqual([50, 30])
    expect(placedOnMap({ x: [], y: [] }, 100, 60)).toHaveLength(0)
  })

  test('are inside a line drawn around them or not', () => {
    const at = Float32Array.of(5, 5, 50, 50, 12, 8)
    expect(insideLasso(at, [[0, 0], [20, 0], [20, 20], [0, 20]])).toEqual([0, 2]) // prettier-ignore
  })
})

describe('colours on the map', () => {
  const table = fakeTable({ count: [0, 1, 2, 3, 4, 5] })

  test('go by fifths of density', () => {
    const { of, colors } = mapGroups('density', table, new Map(), [])
    expect([1, 2, 3, 4, 5].map(of)).toEqual([0, 1, 2, 3, 4])
    expect(colors).toHaveLength(5)
  })

  test('say what was said, or what passes the filters', () => {
    const labels = new Map([
      [1, fakeLabel(1, { label: 'a' })],
      [2, fakeLabel(2, { uninterpretable: true })],
      [3, fakeLabel(3, { label: 'b', starred: true })],
    ])
    expect([0, 1, 2, 3].map(mapGroups('label', table, labels, []).of)).toEqual([0, 1, 2, 3])
    expect([0, 1, 2].map(mapGroups('match', table, labels, [1]).of)).toEqual([0, 1, 0])
  })
})
