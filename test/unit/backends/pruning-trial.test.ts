import { expect, test } from 'vitest'
import { PruningTrial } from '../../../src-main/backends/cpu/pruning-trial.ts'

const due = (trial: PruningTrial, to: number): number[] =>
  Array.from({ length: to }, (_, step) => step).filter((step) => trial.isDue(step))

test('pruning goes on while most blocks are pruned', () => {
  const trial = new PruningTrial()
  expect(due(trial, 4)).toEqual([0, 1, 2, 3])
  trial.settle(2, 4)
  expect(due(trial, 4)).toEqual([0, 1, 2, 3])
})

test('where most are not, it is tried now and then, and goes on once it pays again', () => {
  const trial = new PruningTrial()
  trial.settle(1, 4)
  expect(due(trial, 100)).toEqual([0, 32, 64, 96])
  trial.settle(4, 4)
  expect(trial.isDue(33)).toBe(true)
})
