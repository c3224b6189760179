import type { Tensor, Variable } from '@tensorflow/tfjs'
import { parameterShapes } from '../../sae/architectures/index.ts'
import type { ParameterName, Parameters, TraineeConfig } from '../../sae/backend.ts'
import type { Tf } from './load.ts'

/** The tensors of one kind (parameters, first or second moments) as variables, those that the architecture has. */
export class VariableSet {
  readonly byName: ReadonlyMap<ParameterName, Variable>
  readonly #tf: Tf
  readonly #config: TraineeConfig

  constructor(tf: Tf, config: TraineeConfig, from: Parameters) {
    this.#tf = tf
    this.#config = config
    this.byName = new Map(
      parameterShapes(config).map(({ name }) => [name, tf.tidy(() => tf.variable(this.#tensor(name, from)))]),
    )
  }

  get(name: ParameterName): Variable {
    const variable = this.byName.get(name)
    if (!variable) throw new Error(`${this.#config.architecture} has no ${name}`)
    return variable
  }

  write(from: Parameters): void {
    this.#tf.tidy(() => {
      for (const [name, variable] of this.byName) variable.assign(this.#tensor(name, from))
    })
  }

  async read(): Promise<Parameters> {
    const tensors: Partial<Parameters> = {}
    for (const [name, variable] of this.byName) tensors[name] = (await variable.data<'float32'>()).slice()
    return tensors as Parameters
  }

  dispose(): void {
    for (const variable of this.byName.values()) variable.dispose()
  }

  /** Matrices are [rows, width], vectors [width]. */
  #tensor(name: ParameterName, from: Parameters): Tensor {
    const shape = parameterShapes(this.#config).find((one) => one.name === name)
    const values = from[name]
    if (!shape || !values) throw new Error(`the state has no ${name}`)
    return shape.rows === 1 && name !== 'encoder' && name !== 'decoder'
      ? this.#tf.tensor1d(values)
      : this.#tf.tensor2d(values, [shape.rows, shape.width])
  }
}
