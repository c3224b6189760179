import { expect } from 'vitest'
import { saeStep, type SaeTraining } from '../../../src-main/math/sae-step.ts'
import { mapParameters, type SaeKind } from '../../../src-main/math/sae-parameters.ts'
import type {
  Backend,
  ParameterName,
  Parameters,
  StepReport,
  StepSettings,
  TraineeConfig,
  TraineeState,
} from '../../../src-main/sae/backend.ts'
import { exampleInputs, exampleParameters } from '../math/example.ts'

export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
export const SETTINGS: StepSettings = {
  learningRate: 0.01,
  sparsity: 0.7,
  aux: 0.4,
  cosine: 0,
  clipNorm: null,
}
const DEAD_AFTER = 1000

export function configOf(kind: SaeKind): TraineeConfig {
  return { ...kind, adam: ADAM, deadAfter: DEAD_AFTER, thresholdRate: 0.1 } as TraineeConfig
}

const float32 = (tensors: object): Parameters =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, Float32Array.from(tensor as Float64Array)]),
  ) as unknown as Parameters

/** A state in the middle of training: generic parameters and moments; `dead` features have been silent for long. */
export function exampleState(kind: SaeKind, dead: readonly boolean[] = []): TraineeState {
  const parameters = exampleParameters(kind, 3)
  const moments = exampleParameters(kind, 5)
  return {
    parameters: float32(parameters),
    firstMoments: float32(mapParameters(moments, (tensor) => Float64Array.from(tensor, (v) => v * 0.01))),
    secondMoments: float32(
      mapParameters(moments, (tensor) => Float64Array.from(tensor, (v) => v * v * 0.01)),
    ),
    steps: 20,
    tokensSinceFired: Uint32Array.from({ length: kind.dSae }, (_, j) => (dead[j] ? DEAD_AFTER + 1 : 5)),
    threshold: null,
  }
}

const float64 = (parameters: Parameters) =>
  mapParameters({ ...parameters }, (tensor) => Float64Array.from(tensor))

/**
 * Takes steps with a backend and with plain float64 arithmetic from the same state, and expects the same losses,
 * parameters and moments.
 */
export async function expectStepsAsInMath(
  backend: Backend,
  kind: SaeKind,
  options: {
    rows?: number
    steps?: number
    settings?: Partial<StepSettings>
    dead?: readonly boolean[]
    workingMemory?: number
    threads?: number
  } = {},
): Promise<StepReport> {
  const { rows = 7, steps = 3, dead, workingMemory, threads = 1 } = options
  const settings = { ...SETTINGS, ...options.settings }
  const config = configOf(kind)
  const state = exampleState(kind, dead)
  const plain: SaeTraining = {
    parameters: float64(state.parameters),
    firstMoments: float64(state.firstMoments),
    secondMoments: float64(state.secondMoments),
    steps: state.steps,
  }
  const trainee = await backend.open(config, state, { batchTokens: rows, threads, workingMemory })
  try {
    let report: StepReport | undefined
    for (let step = 0; step < steps; step++) {
      const x = exampleInputs(rows, kind.dIn, 40 + step)
      const before = await trainee.read()
      const silent = Array.from(before.tokensSinceFired, (tokens) => tokens >= DEAD_AFTER)
      report = await trainee.step(Float32Array.from(x), rows, settings)
      const expected = saeStep(kind, plain, x, rows, { ...settings, dead: silent }, ADAM)
      for (const name of ['loss', 'reconstruction', 'sparsity', 'aux', 'cosine', 'gradientNorm'] as const)
        expect(report[name], name).toBeCloseTo(expected[name], 4)
      const after = await trainee.read()
      for (const part of ['parameters', 'firstMoments', 'secondMoments'] as const)
        expectTensorsClose(after[part], plain[part], part)
    }
    if (!report) throw new Error('no step was taken')
    return report
  } finally {
    await trainee.dispose()
  }
}

function expectTensorsClose(actual: Parameters, expected: object, part: string): void {
  for (const [name, tensor] of Object.entries(expected) as [ParameterName, Float64Array][]) {
    const off = Array.from(actual[name] ?? []).reduce(
      (most, v, i) => Math.max(most, Math.abs(v - tensor[i])),
      0,
    )
    expect(actual[name]?.length, name).toBe(tensor.length)
    expect(off, `${part} ${name}`).toBeLessThan(2e-5)
  }
}
