import { mapParameters, type SaeKind } from '../../../src-main/math/sae-parameters.ts'
import { initialState } from '../../../src-main/sae/architectures/index.ts'
import type {
  Backend,
  Parameters,
  StepReport,
  StepSettings,
  TraineeConfig,
  TraineeState,
} from '../../../src-main/sae/backend.ts'
import { exampleInputs, exampleParameters } from '../math/example.ts'

// Steps of a backend on hand-sized examples, without anything of the test runner: other processes take them too.

export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
export const SETTINGS: StepSettings = {
  learningRate: 0.01,
  sparsity: 0.7,
  aux: 0.4,
  cosine: 0,
  clipNorm: null,
}
export const DEAD_AFTER = 1000

export interface StepOptions {
  rows?: number
  steps?: number
  settings?: Partial<StepSettings>
  dead?: readonly boolean[]
  workingMemory?: number
  threads?: number
}

export function configOf(kind: SaeKind): TraineeConfig {
  return { ...kind, adam: ADAM, deadAfter: DEAD_AFTER, thresholdRate: 0.1 } as TraineeConfig
}

const float32 = (tensors: object): Parameters =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, Float32Array.from(tensor as Float64Array)]),
  ) as unknown as Parameters

/** A state in the middle of training: generic parameters and moments; `dead` features have been silent for long. */
export function exampleState(kind: SaeKind, dead: readonly boolean[] = []): TraineeState {
  const moments = exampleParameters(kind, 5)
  return {
    parameters: float32(exampleParameters(kind, 3)),
    firstMoments: float32(mapParameters(moments, (tensor) => Float64Array.from(tensor, (v) => v * 0.01))),
    secondMoments: float32(
      mapParameters(moments, (tensor) => Float64Array.from(tensor, (v) => v * v * 0.01)),
    ),
    steps: 20,
    tokensSinceFired: Uint32Array.from({ length: kind.dSae }, (_, j) => (dead[j] ? DEAD_AFTER + 1 : 5)),
    threshold: null,
  }
}

/** The inputs of step number `step`. */
export const stepInputs = (kind: SaeKind, rows: number, step: number): Float64Array =>
  exampleInputs(rows, kind.dIn, 40 + step)

/** What a step said, and the state before and after it. */
export interface TakenStep {
  report: StepReport
  before: TraineeState
  after: TraineeState
}

export async function takeSteps(backend: Backend, kind: SaeKind, options: StepOptions): Promise<TakenStep[]> {
  const { rows = 7, steps = 3, dead, workingMemory, threads = 1 } = options
  const settings = { ...SETTINGS, ...options.settings }
  const state = exampleState(kind, dead)
  const trainee = await backend.open(configOf(kind), state, { batchTokens: rows, threads, workingMemory })
  const taken: TakenStep[] = []
  try {
    for (let step = 0; step < steps; step++) {
      const before = await trainee.read()
      const report = await trainee.step(Float32Array.from(stepInputs(kind, rows, step)), rows, settings)
      taken.push({ report: { ...report }, before, after: await trainee.read() })
    }
  } finally {
    await trainee.dispose()
  }
  return taken
}

/** Losses of a run from a fresh start on 24 rows a step. */
export async function lossCurve(backend: Backend, kind: SaeKind, steps: number): Promise<number[]> {
  const rows = 24
  const config = configOf(kind)
  const trainee = await backend.open(config, initialState(config, 1), { batchTokens: rows, threads: 1 })
  const losses: number[] = []
  try {
    for (let step = 0; step < steps; step++) {
      const x = Float32Array.from(stepInputs(kind, rows, step))
      losses.push((await trainee.step(x, rows, { ...SETTINGS, sparsity: 0.3 })).loss)
    }
  } finally {
    await trainee.dispose()
  }
  return losses
}
