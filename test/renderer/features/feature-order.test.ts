import { describe, expect, test } from 'vitest'
import {
  filterFeatures,
  sortFeatures,
  type FeatureFilter,
} from '../../../src-renderer/state/feature-order.ts'
import type { Labels } from '../../../src-renderer/state/feature-labels.ts'
import { fakeLabel, fakeTable } from './fake-features.ts'

const any: FeatureFilter = { shown: 'all', ranges: {}, tag: '', novelty: 'any', only: null }
const none: Labels = new Map()

describe('filtering features', () => {
  const table = fakeTable({ count: [0, 10, 500, 1000], max: [0, 3, 2, 1] })
  const labels: Labels = new Map([
    [1, fakeLabel(1, { label: 'days', tags: ['time'] })],
    [2, fakeLabel(2, { uninterpretable: true, starred: true })],
  ])
  const passing = (filter: Partial<FeatureFilter>): number[] => [
    ...filterFeatures(table, { ...any, ...filter }, labels),
  ]

  test('by how much they fire', () => {
    expect(passing({})).toEqual([0, 1, 2, 3])
    expect(passing({ shown: 'dead' })).toEqual([0])
    expect(passing({ shown: 'firing' })).toEqual([1, 2, 3])
    expect(passing({ ranges: { density: [0.01, 0.5] } })).toEqual([1, 2])
    expect(passing({ ranges: { max: [1.5, 9] } })).toEqual([1, 2])
    expect(passing({ ranges: { density: [0.01, 0.5], max: [2.5, 9] } })).toEqual([1])
  })

  test('by any column of numbers; what has no number is in no range', () => {
    const other = { ...fakeTable({ count: [0, 1, 2, 4], dimensionality: [NaN, 0.2, 0.5, 1] }) }
    const inRange = (ranges: FeatureFilter['ranges']): number[] => [
      ...filterFeatures(other, { ...any, ranges }, none),
    ]
    expect(inRange({ dimensionality: [0, 0.5] })).toEqual([1, 2])
    expect(inRange({ mean: [0, 100] })).toEqual([1, 2, 3])
    expect(inRange({ maxcos: [0.5, 1] })).toEqual([0, 1, 2, 3]) // no other SAE is compared with
    const maxCosine = Float32Array.of(0.2, 0.5, 0.9, 1)
    expect([
      ...filterFeatures({ ...other, maxCosine }, { ...any, ranges: { maxcos: [0.5, 1] } }, none),
    ]).toEqual([1, 2, 3])
  })

  test('by what was said of them', () => {
    expect(passing({ shown: 'labelled' })).toEqual([1])
    expect(passing({ shown: 'unlabelled' })).toEqual([0, 3])
    expect(passing({ shown: 'starred' })).toEqual([2])
    expect(passing({ shown: 'uninterpretable' })).toEqual([2])
    expect(passing({ tag: 'time' })).toEqual([1])
    expect(passing({ only: new Set([3, 0]) })).toEqual([0, 3])
  })

  test('by how new they are to another SAE, once one is compared with', () => {
    const compared = { ...table, maxCosine: Float32Array.of(0.2, 0.71, 0.7, 0.9) }
    const novelty = (which: 'novel' | 'reconstruction', of = compared): number[] => [
      ...filterFeatures(of, { ...any, novelty: which }, none),
    ]
    expect(novelty('novel')).toEqual([0, 1, 2, 3].filter((j) => compared.maxCosine[j] <= 0.7))
    expect(novelty('reconstruction')).toEqual([1, 3])
    expect([...sortFeatures(Uint32Array.of(0, 1, 2, 3), compared, 'maxcos', true, none)]).toEqual([
      3, 1, 2, 0,
    ])
    expect(passing({ novelty: 'novel' })).toEqual([0, 1, 2, 3])
  })
})

describe('sorting features', () => {
  const table = fakeTable({ count: [5, 0, 5, 9], max: [0.5, 0, 2, -1], dimensionality: [NaN, 0.2, 0.1, 1] })
  const features = Uint32Array.of(0, 1, 2, 3)

  test('goes by the numbers of a column, equal ones by feature number', () => {
    expect([...sortFeatures(features, table, 'density', true, none)]).toEqual([3, 0, 2, 1])
    expect([...sortFeatures(features, table, 'density', false, none)]).toEqual([1, 0, 2, 3])
    expect([...sortFeatures(features, table, 'max', true, none)]).toEqual([2, 0, 1, 3])
  })

  test('puts what is not a number last, both ways', () => {
    expect([...sortFeatures(features, table, 'dimensionality', true, none)]).toEqual([3, 1, 2, 0])
    expect([...sortFeatures(features, table, 'dimensionality', false, none)]).toEqual([2, 1, 3, 0])
    expect([...sortFeatures(features, table, 'mean', false, none)].at(-1)).toBe(1)
  })

  test('by label: labelled ones in alphabetical order, the others after them', () => {
    const labels: Labels = new Map([
      [3, fakeLabel(3, { label: 'b 10' })],
      [1, fakeLabel(1, { label: 'b 9' })],
    ])
    expect([...sortFeatures(features, table, 'label', false, labels)]).toEqual([1, 3, 0, 2])
    expect([...sortFeatures(features, table, 'label', true, labels)]).toEqual([3, 1, 0, 2])
  })

  test('of 98,304 features is what a plain comparison gives', () => {
    const many = fakeTable({ count: Array.from({ length: 98_304 }, (_, i) => (i * 7919) % 100_003) })
    const all = Uint32Array.from(many.count.keys())
    const sorted = sortFeatures(filterFeatures(many, any, none), many, 'density', true, none)
    expect([...sorted]).toEqual([...all].sort((a, b) => many.count[b] - many.count[a] || a - b))
  })
})

test('thousands of features are in the order that comparing them gives, equal ones by number', () => {
  const value = (j: number): number => (j % 13 === 0 ? NaN : Math.round(50 * Math.sin(j)) / 7)
  const numbers = Array.from({ length: 5000 }, (_, j) => j)
  const table = { ...fakeTable({ count: numbers }), decoderNorm: Float32Array.from(numbers, value) }
  const norm = (j: number): number => table.decoderNorm[j]
  for (const sign of [1, -1]) {
    const expected = numbers
      .filter((j) => !Number.isNaN(norm(j)))
      .sort((a, b) => sign * (norm(a) - norm(b)) || a - b)
    const last = numbers.filter((j) => Number.isNaN(norm(j)))
    const found = sortFeatures(
      Uint32Array.from(numbers),
      { ...table, maxCosine: null },
      'norm',
      sign < 0,
      none,
    )
    expect([...found]).toEqual([...expected, ...last])
  }
})
