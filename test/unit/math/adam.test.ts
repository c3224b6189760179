import { expect, test } from 'vitest'
import { adamStep, normaliseRows, projectOffRows } from '../../../src-main/math/adam.ts'
import { rateFactor } from '../../../src-main/math/sae-parameters.ts'

const constants = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

test('the first step has the length of the learning rate whatever the gradient', () => {
  const value = Float64Array.of(1, 1)
  const zeros = (): Float64Array => new Float64Array(2)
  adamStep(value, zeros(), zeros(), [1e-3, -50], 1, 0.1, constants)
  expect(value[0]).toBeCloseTo(0.9, 5)
  expect(value[1]).toBeCloseTo(1.1, 5)
})

test('the moments are running means of the gradient and of its square', () => {
  const [value, first, second] = [Float64Array.of(0), Float64Array.of(2), Float64Array.of(3)]
  adamStep(value, first, second, [10], 5, 0.1, constants)
  expect(first[0]).toBeCloseTo(0.9 * 2 + 0.1 * 10)
  expect(second[0]).toBeCloseTo(0.999 * 3 + 0.001 * 100)
  const size = Math.sqrt(second[0] / (1 - 0.999 ** 5)) + 1e-8
  expect(value[0]).toBeCloseTo((-0.1 * (first[0] / (1 - 0.9 ** 5))) / size)
})

test('a projected gradient is at right angles to its row', () => {
  const gradient = Float64Array.of(3, 4, 5, 6)
  projectOffRows(gradient, Float64Array.of(1, 0, 0, 1), 2)
  expect(Array.from(gradient)).toEqual([0, 4, 5, 0])
})

test('rows become unit rows; a zero row stays', () => {
  const rows = Float64Array.of(3, 4, 0, 0)
  normaliseRows(rows, 2)
  expect(Array.from(rows)).toEqual([0.6, 0.8, 0, 0])
})

test('only log thresholds move at another rate: what a row of d loses by its width, they get back', () => {
  expect(rateFactor('encoder', 64)).toBe(1)
  expect(rateFactor('logThreshold', 64)).toBe(4)
  expect(rateFactor('logThreshold', 256)).toBe(8)
})
