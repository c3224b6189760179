import { expect, test } from 'vitest'
import { cosinePenalty } from '../../../src-main/math/cosine-penalty.ts'

const decoder = [2, 0, 1, 1, 0, 3]

test('it is the mean squared cosine over the pairs that fire together', () => {
  // Token 1: features 0 and 1 (cos² ½); token 2: all three (½, 0, ½).
  expect(cosinePenalty([1, 2, 0, 1, 1, 1], decoder, 3, 2).value).toBeCloseTo((0.5 + 0.5 + 0 + 0.5) / 4)
})

test('it is 0 where no two features fire together', () => {
  const { value, gradient } = cosinePenalty([1, 0, 0, 0, 0, 4], decoder, 3, 2)
  expect(value).toBe(0)
  expect(gradient.every((g) => g === 0)).toBe(true)
})

test('its gradient turns rows and never lengthens them', () => {
  const { gradient } = cosinePenalty([1, 1, 0], decoder, 3, 2)
  expect(gradient[0] * decoder[0] + gradient[1] * decoder[1]).toBeCloseTo(0)
  expect(gradient[1]).toBeGreaterThan(0)
})
