import { describe, expect, test } from 'vitest'
import { swapComponents, spanningForest, edgesAbove } from '../../../src-preload/contract/swap-graph.ts'
import { bestSplit, effectCurve, effectTable } from '../../../src-preload/contract/threshold.ts'
import { seededRandom } from '../../../src-main/math/random.ts'

describe('a threshold on max cosine', () => {
  const cosine = Float32Array.of(0.9, 0.2, 0.5, 0.75, 0.5)
  const delta = Float64Array.of(3, -1, -2, 0, 4)
  const curve = effectCurve(cosine, delta)

  test('parts novel (≤ θ) from reconstruction (> θ) and counts the signs of each', () => {
    expect(effectTable(curve, 0.5)).toEqual({
      novel: { falls: 2, rises: 1, unchanged: 0 },
      reconstruction: { falls: 0, rises: 1, unchanged: 1 },
    })
    expect(effectTable(curve, 0.1).novel).toEqual({ falls: 0, rises: 0, unchanged: 0 })
    expect(effectTable(curve, 1).novel).toEqual({ falls: 2, rises: 2, unchanged: 1 })
  })

  test('the best split foretells the most signs, and lies half way between two features', () => {
    // Up to 0.25 one falls (right); above, two rise (right) and one falls (wrong). A split at 0.5 is no better.
    expect(bestSplit(effectCurve(Float32Array.of(0.9, 0.25, 0.5, 0.75, 0.5), delta))).toEqual({
      threshold: 0.375,
      agreeing: 3,
      of: 4,
    })
  })

  test('where every feature raises the error the best split calls none novel', () => {
    const rising = effectCurve(Float32Array.of(0.25, 0.5), Float64Array.of(1, 1))
    expect(bestSplit(rising)).toEqual({ threshold: -0.375, agreeing: 2, of: 2 })
  })

  test('without measured effects it counts novel and reconstruction', () => {
    expect(effectTable(effectCurve(cosine, null), 0.7).novel).toEqual({ falls: 0, rises: 0, unchanged: 3 })
  })
})

describe('the swap graph', () => {
  // A: 0 1 2 3, B: 0 1 2 3 4. 0-0 | 1-{1,2} | {2,3}-3 (B 4 alone), joined to 1 by a weak edge 2-2.
  const edges = {
    a: Int32Array.of(0, 1, 2, 1, 3, 2),
    b: Int32Array.of(0, 1, 3, 2, 3, 2),
    cosine: Float32Array.of(0.95, 0.9, 0.85, 0.8, 0.75, 0.6),
  }

  test('has as components 1-1, 1-n and n-1, strongest first', () => {
    const found = swapComponents(edges, 4, 5, 0.7)
    expect(found.count).toBe(3)
    expect(found.shapes).toEqual({ '1-1': 1, '1-n': 1, 'n-1': 1, 'n-m': 0 })
    expect([...found.aStart]).toEqual([0, 1, 2, 4])
    expect([...found.aFeature]).toEqual([0, 1, 2, 3])
    expect([...found.bStart]).toEqual([0, 1, 3, 4])
    expect([...found.bFeature]).toEqual([0, 1, 2, 3])
    expect([...found.maxCosine].map((c) => +c.toFixed(2))).toEqual([0.95, 0.9, 0.85])
  })

  test('joins components as the threshold falls', () => {
    expect(swapComponents(edges, 4, 5, 0.5).shapes).toEqual({ '1-1': 1, '1-n': 0, 'n-1': 0, 'n-m': 1 })
    expect(swapComponents(edges, 4, 5, 0.99).count).toBe(0)
  })

  test('keeps an edge at the threshold out', () => {
    expect(edgesAbove(edges, edges.cosine[1])).toBe(1)
  })

  test('has the same components from its spanning forest, at every threshold', () => {
    const random = seededRandom(5)
    const cosine = Float32Array.from({ length: 300 }, random).sort().reverse()
    const node = (): Int32Array => Int32Array.from({ length: 300 }, () => Math.floor(random() * 60))
    const many = { a: node(), b: node(), cosine }
    const forest = spanningForest(many, 60, 60)
    expect(forest.cosine.length).toBeLessThan(120)
    for (const threshold of [0, 0.3, 0.6, 0.8, 0.9, 0.99])
      expect(swapComponents(forest, 60, 60, threshold)).toEqual(swapComponents(many, 60, 60, threshold))
  })
})
