import { describe, expect, test } from 'vitest'
import {
  childCount,
  descendantCounts,
  splitCounts,
  splitFamilies,
  splitLevel,
  splitTree,
} from '#contract/splitting.ts'
import { symmetricEigen } from '../../../src-main/math/eigen.ts'
import { arrangement, lift } from '../../../src-main/math/split-geometry.ts'
import { normal, seededRandom } from '../../../src-main/math/random.ts'

// Three widths: 2 → 4 → 5. Feature 0 splits into 0 and 2; 2 splits into 1, 3 and (weakly) 4.
const levels = [
  { parent: Int32Array.of(0, 1, 0, 1), cosine: Float32Array.of(0.75, 0.95, 0.9, 0.4) },
  { parent: Int32Array.of(0, 2, 1, 2, 2), cosine: Float32Array.of(0.99, 0.8, 0.9, 0.85, 0.5) },
].map((level, n) => splitFamilies(level, [2, 4][n]))

describe('splitting over three widths', () => {
  test('is a tree below each feature of the coarsest, the most similar child first', () => {
    const tree = splitTree(levels, 0.7, { level: 0, feature: 0 })
    const shape = (node: typeof tree): unknown => [node.feature, ...node.children.map(shape)]
    expect(shape(tree)).toEqual([0, [2, [3], [1]], [0, [0]]])
    expect(tree.children[0]).toMatchObject({ level: 1, cosine: Math.fround(0.9) })
  })

  test('follows the threshold', () => {
    const tree = splitTree(levels, 0.86, { level: 0, feature: 0 })
    expect(tree.children.map(({ feature }) => feature)).toEqual([2])
    expect(tree.children[0].children).toEqual([])
  })

  test('is counted from each width to the next', () => {
    expect(splitCounts(levels[0], 0.7)).toEqual({ vanished: 0, kept: 1, split: 1, parts: 2, novel: 1 })
    expect(splitCounts(levels[1], 0.7)).toEqual({ vanished: 1, kept: 2, split: 1, parts: 2, novel: 1 })
  })

  test('says what each of the coarsest has become at the finest', () => {
    expect([...descendantCounts(levels, 0.7)]).toEqual([3, 1])
    expect([...descendantCounts(levels, 0.95)]).toEqual([0, 0])
  })

  test('a feature without a match is nobody’s child, and novel', () => {
    const matches = { k: 2, feature: Int32Array.of(0, 1, -1, -1), value: Float32Array.of(0.9, 0.2, -2, -2) }
    const families = splitFamilies(splitLevel(matches), 2)
    expect([0, 1].map((p) => childCount(families, p, -1))).toEqual([1, 0])
    expect(splitCounts(families, 0.7)).toEqual({ vanished: 1, kept: 1, split: 0, parts: 0, novel: 1 })
  })
})

describe('eigenvalues of a symmetric matrix', () => {
  test('by hand: 2 × 2', () => {
    const { values, vectors } = symmetricEigen([2, 1, 1, 2], 2)
    expect(values[0]).toBeCloseTo(3, 12)
    expect(values[1]).toBeCloseTo(1, 12)
    expect(Math.abs(vectors[0])).toBeCloseTo(Math.SQRT1_2, 12)
  })

  test('put the matrix together again', () => {
    const [n, random] = [9, seededRandom(4)]
    const half = Array.from({ length: n * n }, () => normal(random))
    const matrix = half.map((v, at) => v + half[(at % n) * n + Math.floor(at / n)])
    const { values, vectors } = symmetricEigen(matrix, n)
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0
        for (let k = 0; k < n; k++) sum += values[k] * vectors[k * n + i] * vectors[k * n + j]
        expect(sum).toBeCloseTo(matrix[i * n + j], 9)
      }
  })
})

describe('the geometry of a split', () => {
  test('lift is 1 by chance, 0 for alternatives', () => {
    expect(lift(100, 10, 20, 2)).toBe(1)
    expect(lift(100, 10, 20, 0)).toBe(0)
  })

  test('seven alternatives on a ring lie in a plane, as a heptagon', () => {
    const days = Array.from({ length: 7 }, (_, k) => [
      1,
      Math.cos((2 * Math.PI * k) / 7),
      Math.sin((2 * Math.PI * k) / 7),
    ])
    const { effectiveDimension, explained, plane } = arrangement({ data: days.flat(), rows: 7, d: 3 })
    expect(effectiveDimension).toBeCloseTo(2, 9)
    expect(explained[0] + explained[1]).toBeCloseTo(1, 9)
    for (let k = 0; k < 7; k++) expect(Math.hypot(plane[2 * k], plane[2 * k + 1])).toBeCloseTo(1, 9)
  })

  test('directions with nothing in common span one dimension fewer than there are', () => {
    const axes = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    expect(arrangement({ data: axes, rows: 4, d: 4 }).effectiveDimension).toBeCloseTo(3, 9)
  })

  test('two directions lie on a line', () => {
    const { effectiveDimension, plane } = arrangement({ data: [1, 0, 0, 1], rows: 2, d: 2 })
    expect(effectiveDimension).toBeCloseTo(1, 9)
    expect(plane[1]).toBeCloseTo(0, 9)
  })
})
