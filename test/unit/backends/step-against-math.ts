import { expect } from 'vitest'
import { mapParameters, type SaeKind } from '../../../src-main/math/sae-parameters.ts'
import { saeStep, type SaeTraining } from '../../../src-main/math/sae-step.ts'
import type { Backend, ParameterName, Parameters, StepReport } from '../../../src-main/sae/backend.ts'
import {
  ADAM,
  DEAD_AFTER,
  exampleState,
  SETTINGS,
  stepInputs,
  takeSteps,
  type StepOptions,
  type TakenStep,
} from './take-steps.ts'

const NUMBERS = ['loss', 'reconstruction', 'sparsity', 'aux', 'cosine', 'gradientNorm'] as const

/** Takes steps with a backend and expects what plain float64 arithmetic makes of the same state. @returns the last report */
export async function expectStepsAsInMath(
  backend: Backend,
  kind: SaeKind,
  options: StepOptions = {},
): Promise<StepReport> {
  const taken = await takeSteps(backend, kind, options)
  expectAsInMath(taken, kind, options)
  return taken[taken.length - 1].report
}

/** Expects the same losses, parameters and moments after every step. */
export function expectAsInMath(taken: TakenStep[], kind: SaeKind, options: StepOptions): void {
  const { rows = 7 } = options
  const settings = { ...SETTINGS, ...options.settings }
  const start = exampleState(kind)
  const plain: SaeTraining = {
    parameters: float64(start.parameters),
    firstMoments: float64(start.firstMoments),
    secondMoments: float64(start.secondMoments),
    steps: start.steps,
  }
  expect(taken.length).toBeGreaterThan(0)
  for (const [step, { report, before, after }] of taken.entries()) {
    const dead = Array.from(before.tokensSinceFired, (tokens) => tokens >= DEAD_AFTER)
    const x = stepInputs(kind, rows, step)
    const expected = saeStep(kind, plain, x, rows, { ...settings, dead }, ADAM)
    for (const name of NUMBERS)
      expect(Math.abs(report[name] - expected[name]), name).toBeLessThan(
        5e-5 * Math.max(1, Math.abs(expected[name])),
      )
    for (const part of ['parameters', 'firstMoments', 'secondMoments'] as const)
      expectTensorsClose(after[part], plain[part], part)
  }
}

const float64 = (parameters: Parameters) =>
  mapParameters({ ...parameters }, (tensor) => Float64Array.from(tensor))

function expectTensorsClose(actual: Parameters, expected: object, part: string): void {
  for (const [name, tensor] of Object.entries(expected) as [ParameterName, Float64Array][]) {
    const values = actual[name] ?? []
    const off = Array.from(values).reduce((most, v, i) => Math.max(most, Math.abs(v - tensor[i])), 0)
    const scale = tensor.reduce((most, v) => Math.max(most, Math.abs(v)), 1)
    expect(values.length, name).toBe(tensor.length)
    expect(off / scale, `${part} ${name}`).toBeLessThan(2e-5)
  }
}
