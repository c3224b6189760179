import { describe, expect, test } from 'vitest'
import { geometricMedian, meanRow } from '../../../../src-main/sae/train/centre.ts'
import { expectedAverageFactor, normaliseRows } from '../../../../src-main/sae/train/input-scale.ts'

describe('where b_dec starts', () => {
  test('the mean is the mean of each dimension', () => {
    expect([...meanRow(Float32Array.of(1, 2, 3, 6), 2)]).toEqual([2, 4])
  })

  test('the geometric median of three points of a line is the middle one, however far the last is', () => {
    const [x, y] = geometricMedian(Float32Array.of(0, 0, 1, 0, 1000, 0), 2)
    expect(x).toBeCloseTo(1, 3)
    expect(y).toBeCloseTo(0, 6)
  })

  test('the geometric median of an equilateral triangle is its centre', () => {
    const h = Math.sqrt(3) / 2
    const [x, y] = geometricMedian(Float32Array.of(0, 0, 1, 0, 0.5, h), 2)
    expect(x).toBeCloseTo(0.5, 5)
    expect(y).toBeCloseTo(h / 3, 5)
  })
})

describe('input normalisation', () => {
  test('one factor makes the mean norm √d', () => {
    const x = Float32Array.of(3, 4, 6, 8, 0, 15, 0, 10) // norms 5, 10, 15, 10
    const factor = expectedAverageFactor(x, 2)
    expect(factor).toBeCloseTo(Math.SQRT2 / 10, 12)
    normaliseRows(x, 2, 'expected_average_only_in', factor)
    expect(x[0]).toBeCloseTo(3 * factor, 6)
  })

  test('constant norm gives every token norm √d and leaves zero alone', () => {
    const x = Float32Array.of(3, 4, 0, 0)
    normaliseRows(x, 2, 'constant_norm_rescale', 1)
    expect(Math.hypot(x[0], x[1])).toBeCloseTo(Math.SQRT2, 6)
    expect([x[2], x[3]]).toEqual([0, 0])
  })

  test('layer norm gives every token mean 0 and unbiased variance 1', () => {
    const x = Float32Array.of(1, 2, 3, 4)
    normaliseRows(x, 4, 'layer_norm', 1)
    expect(x[0] + x[1] + x[2] + x[3]).toBeCloseTo(0, 5)
    expect(x.reduce((sum, v) => sum + v * v, 0) / 3).toBeCloseTo(1, 4)
  })

  test('all zero activations keep a factor of 1', () => {
    expect(expectedAverageFactor(new Float32Array(4), 2)).toBe(1)
  })
})
