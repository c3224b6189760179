import { expect, test } from 'vitest'
import {
  explainedVariance,
  explainedVarianceLegacy,
  l0,
  l1,
  mse,
  squaredDeviation,
} from '../../../src-main/math/metrics.ts'

const x = [0, 0, 2, 4]
const rows = 2

test('mse sums over d and averages over tokens', () => {
  expect(mse(x, [1, 0, 2, 2], rows)).toBe((1 + 4) / 2)
})

test('the deviation is from the mean of each dimension', () => {
  expect(squaredDeviation(x, rows)).toBe(1 + 4 + 1 + 4)
})

test('predicting the mean explains nothing, the input itself everything', () => {
  expect(explainedVariance(x, [1, 2, 1, 2], rows)).toBe(0)
  expect(explainedVariance(x, x, rows)).toBe(1)
})

test('the legacy variant averages per token, which is not the same', () => {
  const unlike = [0, 0, 2, 4, 10, 0]
  const out = [0, 0, 2, 4, 9, 1]
  expect(explainedVariance(unlike, out, 3)).toBeCloseTo(1 - 2 / squaredDeviation(unlike, 3))
  expect(explainedVarianceLegacy(unlike, out, 3)).toBeCloseTo(1 - 2 / (36 + 16 / 9) / 3)
})

test('l0 counts what fires, l1 sums it, per token', () => {
  expect(l0([1, 0, 2, 3], rows)).toBe(1.5)
  expect(l1([1, 0, 2, 3], rows)).toBe(3)
})
