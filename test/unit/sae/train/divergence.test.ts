import { expect, test } from 'vitest'
import type { StepReport } from '../../../../src-main/sae/backend.ts'
import {
  checkActivations,
  divergedProblem,
  DivergenceWatch,
} from '../../../../src-main/sae/train/divergence.ts'

const report = (mse: number, deviation = 1): StepReport => ({
  loss: mse,
  mse,
  reconstruction: mse,
  sparsity: 0,
  aux: 0,
  cosine: 0,
  l0: 1,
  squaredError: mse,
  squaredDeviation: deviation,
  gradientNorm: 1,
  dead: 0,
  threshold: null,
  fires: new Uint32Array(1),
  squaredErrors: new Float32Array(1),
  path: 'plain',
})

/** The step at which a run with these losses is stopped. */
function stoppedAt(losses: readonly number[]): number {
  const watch = new DivergenceWatch()
  return losses.findIndex((loss) => watch.diverged(report(loss)))
}
const flat = (loss: number, steps: number): number[] => new Array<number>(steps).fill(loss)

test('a loss that is no number stops a run at once', () => {
  expect(stoppedAt([0.5, NaN])).toBe(1)
  expect(stoppedAt([0.5, Infinity])).toBe(1)
})

test('a loss that leaves for good stops a run after some steps', () => {
  const at = stoppedAt([...flat(0.5, 50), ...flat(100, 100)])
  expect(at).toBeGreaterThan(55)
  expect(at).toBeLessThan(100)
})

test('a loss that begins high and falls, or has a spike, does not', () => {
  expect(stoppedAt([...flat(200, 20), ...flat(0.4, 200)])).toBe(-1)
  expect(stoppedAt([...flat(0.5, 50), ...flat(100, 5), ...flat(0.5, 200)])).toBe(-1)
})

test('a gradient that is no number stops a run, too', () => {
  expect(new DivergenceWatch().diverged({ ...report(0.5), gradientNorm: NaN })).toBe(true)
})

test('activations that are no numbers are told from a run that diverged', () => {
  expect(() => checkActivations(Float32Array.of(1, NaN), 7)).toThrow(
    'the batch of step 7 holds NaN, which is not a finite number',
  )
  expect(() => checkActivations(Float32Array.of(1, 2), 7)).not.toThrow()
})

test('the message has the step, the loss, what is kept and what to try', () => {
  const { problem } = divergedProblem('wide', 812, NaN, 0.5, 800)
  expect(problem.code).toBe('diverged')
  expect(problem.message).toBe(
    'at step 812 the loss is NaN, so the run was stopped; the checkpoint of step 800 is kept',
  )
  expect(problem.next).toContain('lower learning rate (it was 0.5)')
})
