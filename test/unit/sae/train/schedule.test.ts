import { expect, test } from 'vitest'
import { learningRateFraction, sparsityFraction } from '../../../../src-main/sae/train/schedule.ts'

const schedule = { steps: 10, learningRateWarmUp: 4, learningRateDecay: 2, sparsityWarmUp: 5 }

test('the learning rate rises, stays, and falls, and is never 0', () => {
  const fractions = Array.from({ length: 10 }, (_, step) => learningRateFraction(step, schedule))
  expect(fractions).toEqual([0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 0.5])
})

test('the sparsity weight rises from 0 and stays', () => {
  const fractions = Array.from({ length: 7 }, (_, step) => sparsityFraction(step, schedule))
  expect(fractions).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1, 1])
})

test('without warm-up and decay both are full from the first step', () => {
  const flat = { steps: 3, learningRateWarmUp: 0, learningRateDecay: 0, sparsityWarmUp: 0 }
  expect([learningRateFraction(0, flat), learningRateFraction(2, flat), sparsityFraction(0, flat)]).toEqual([
    1, 1, 1,
  ])
})
