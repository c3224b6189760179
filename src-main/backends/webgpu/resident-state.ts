import { InferenceSession, Tensor } from 'onnxruntime-node'
import { parameterShapes } from '../../sae/architectures/index.ts'
import type { Parameters, TraineeConfig, TraineeState } from '../../sae/backend.ts'
import { Graph } from './graph.ts'
import { openOnGpu } from './session.ts'
import { nextName, STATE, stateName } from './step-values.ts'

const PART = { value: 'parameters', first: 'firstMoments', second: 'secondMoments' } as const

/** A trainee's tensors in GPU buffers, by the names that the step's graph reads them under. */
export class ResidentState {
  readonly #config: TraineeConfig
  readonly #reader: InferenceSession
  #tensors: Record<string, Tensor>

  private constructor(config: TraineeConfig, reader: InferenceSession, tensors: Record<string, Tensor>) {
    this.#config = config
    this.#reader = reader
    this.#tensors = tensors
  }

  static async open(config: TraineeConfig, state: TraineeState): Promise<ResidentState> {
    const reader = await openOnGpu(copyGraph(config), 'cpu')
    return new ResidentState(config, reader, placed(config, state))
  }

  /** What the step's graph is fed with. */
  get feeds(): Readonly<Record<string, Tensor>> {
    return this.#tensors
  }

  /** Takes the step's outputs as the new state. */
  advance(results: Record<string, Tensor>): void {
    const before = this.#tensors
    this.#tensors = Object.fromEntries(
      names(this.#config).map(({ name, of }) => [stateName(of, name), results[nextName(of, name)]]),
    )
    dispose(before)
  }

  write(state: TraineeState): void {
    dispose(this.#tensors)
    this.#tensors = placed(this.#config, state)
  }

  /** A GPU tensor cannot be read by itself (onnxruntime-node 1.30 aborts): a graph that copies gives it on the CPU. */
  async read(): Promise<Pick<TraineeState, 'parameters' | 'firstMoments' | 'secondMoments'>> {
    const results = await this.#reader.run(this.#tensors)
    const parts = { parameters: {}, firstMoments: {}, secondMoments: {} } as Record<
      (typeof PART)[keyof typeof PART],
      Parameters
    >
    for (const { name, of } of names(this.#config))
      parts[PART[of]][name] = Float32Array.from(results[nextName(of, name)].data as Float32Array)
    return parts
  }

  async dispose(): Promise<void> {
    dispose(this.#tensors)
    await this.#reader.release()
  }
}

const names = (config: TraineeConfig) =>
  parameterShapes(config).flatMap(({ name, rows, width }) =>
    STATE.map((of) => ({ name, of, dims: [rows, width] })),
  )

function placed(config: TraineeConfig, state: TraineeState): Record<string, Tensor> {
  return Object.fromEntries(
    names(config).map(({ name, of, dims }) => {
      const values = state[PART[of]][name]
      if (!values) throw new Error(`the state has no ${name}`)
      return [stateName(of, name), new Tensor('float32', values.slice(), dims)]
    }),
  )
}

function copyGraph(config: TraineeConfig): Graph {
  const g = new Graph()
  for (const { name, of, dims } of names(config))
    g.output(nextName(of, name), g.input(stateName(of, name), dims), dims)
  return g
}

function dispose(tensors: Record<string, Tensor>): void {
  for (const tensor of Object.values(tensors)) tensor.dispose()
}
