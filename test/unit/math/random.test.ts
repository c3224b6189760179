import { expect, test } from 'vitest'
import { normal, randomDirections, seededRandom } from '../../../src-main/math/random.ts'

test('a seed repeats its numbers and another seed does not', () => {
  const take = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed))
  expect(take(1)).toEqual(take(1))
  expect(take(1)).not.toEqual(take(2))
  expect(take(0).every((v) => v >= 0 && v < 1)).toBe(true)
})

test('normal numbers have mean 0 and variance 1', () => {
  const random = seededRandom(3)
  const values = Array.from({ length: 20_000 }, () => normal(random))
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  const square = values.reduce((sum, v) => sum + v * v, 0) / values.length
  expect(Math.abs(mean)).toBeLessThan(0.03)
  expect(Math.abs(square - 1)).toBeLessThan(0.05)
})

test('directions have the length asked for', () => {
  const rows = randomDirections(3, 4, 0.1, seededRandom(1))
  for (let r = 0; r < 3; r++) expect(Math.hypot(...rows.subarray(r * 4, r * 4 + 4))).toBeCloseTo(0.1)
})
