import { expect, test } from 'vitest'
import { SparsityControl } from '../../../../src-main/sae/train/sparsity-control.ts'

/** λ after some steps in which L0 answers λ as 12 / λ. */
function settle(control: SparsityControl, steps: number, l0 = (weight: number) => 12 / weight): number {
  for (let step = 0; step < steps; step++) control.observe(l0(control.weight), true)
  return control.weight
}

test('λ goes to where the wanted number of features fires', () => {
  expect(settle(new SparsityControl(1, 24, 2000), 2000)).toBeCloseTo(0.5, 2)
  expect(settle(new SparsityControl(1, 4, 2000), 2000)).toBeCloseTo(3, 1)
})

test('without a target, and during the warm-up, λ stays', () => {
  expect(settle(new SparsityControl(1, null, 100), 100)).toBe(1)
  const warming = new SparsityControl(1, 4, 100)
  for (let step = 0; step < 50; step++) warming.observe(100, false)
  expect(warming.weight).toBe(1)
})

test('one step changes λ by 1 % at most', () => {
  const control = new SparsityControl(1, 4, 10)
  control.observe(1000, true)
  expect(control.weight).toBeCloseTo(Math.exp(0.01), 12)
})
