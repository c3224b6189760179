import type { NamedTensorMap, Scalar, Tensor, Tensor1D, Tensor2D, Variable } from '@tensorflow/tfjs'
import type {
  ParameterName,
  StepReport,
  StepSettings,
  Trainee,
  TraineeConfig,
  TraineeState,
} from '../../sae/backend.ts'
import { rateFactor } from '../../math/sae-parameters.ts'
import { checkBatch, checkState, countSilence, runningThreshold } from '../bookkeeping.ts'
import type { Tf } from './load.ts'
import { forward, type Forward, type Variables } from './loss.ts'
import { VariableSet } from './variables.ts'

const PARTS = ['loss', 'reconstruction', 'sparsity', 'aux', 'cosine'] as const

/** One SAE in training by TensorFlow: dense products and automatic differentiation, our own Adam. */
export class TensorflowTrainee implements Trainee {
  readonly config: TraineeConfig
  readonly #tf: Tf
  readonly #batchTokens: number
  readonly #parameters: VariableSet
  readonly #first: VariableSet
  readonly #second: VariableSet
  #steps: number
  #threshold: number | null
  #tokensSinceFired: Uint32Array

  constructor(tf: Tf, config: TraineeConfig, state: TraineeState, batchTokens: number) {
    checkState(config, state)
    this.config = config
    this.#tf = tf
    this.#batchTokens = batchTokens
    this.#parameters = new VariableSet(tf, config, state.parameters)
    this.#first = new VariableSet(tf, config, state.firstMoments)
    this.#second = new VariableSet(tf, config, state.secondMoments)
    this.#steps = state.steps
    this.#threshold = state.threshold
    this.#tokensSinceFired = state.tokensSinceFired.slice()
  }

  async step(x: Float32Array, rows: number, settings: StepSettings): Promise<StepReport> {
    const { dIn, deadAfter } = this.config
    checkBatch(x, rows, dIn, this.#batchTokens)
    const tf = this.#tf
    const input = tf.tensor2d(x.subarray(0, rows * dIn), [rows, dIn])
    const dead = settings.aux > 0 ? this.#deadMask() : undefined
    const { seen, gradients } = this.#differentiate(input, settings, dead)
    const report = await this.#report(seen, rows)
    if (Number.isFinite(report.loss)) {
      report.gradientNorm = await this.#update(gradients, settings)
      this.#steps++
      report.dead = countSilence(this.#tokensSinceFired, report.fires, rows, deadAfter)
      this.#threshold = runningThreshold(this.config, this.#threshold, (await seen.smallest.data())[0])
      report.threshold = this.#threshold
    }
    tf.dispose([input, ...(dead ? [dead] : []), seen as unknown as NamedTensorMap, gradients])
    return report
  }

  async read(): Promise<TraineeState> {
    return {
      parameters: await this.#parameters.read(),
      firstMoments: await this.#first.read(),
      secondMoments: await this.#second.read(),
      steps: this.#steps,
      tokensSinceFired: this.#tokensSinceFired.slice(),
      threshold: this.#threshold,
    }
  }

  async write(state: TraineeState): Promise<void> {
    checkState(this.config, state)
    this.#parameters.write(state.parameters)
    this.#first.write(state.firstMoments)
    this.#second.write(state.secondMoments)
    this.#steps = state.steps
    this.#threshold = state.threshold
    this.#tokensSinceFired = state.tokensSinceFired.slice()
  }

  async dispose(): Promise<void> {
    for (const set of [this.#parameters, this.#first, this.#second]) set.dispose()
  }

  /** [F] 1 for the dead features; undefined when the kind revives none or none is dead. */
  #deadMask(): Tensor1D | undefined {
    if (!('auxK' in this.config) || this.config.auxK === 0) return undefined
    const mask = Float32Array.from(this.#tokensSinceFired, (tokens) =>
      tokens >= this.config.deadAfter ? 1 : 0,
    )
    return mask.includes(1) ? this.#tf.tensor1d(mask) : undefined
  }

  /** Forward pass with everything that the report tells, and the gradients, those of unit rows projected. */
  #differentiate(
    x: Tensor2D,
    settings: StepSettings,
    dead: Tensor1D | undefined,
  ): { seen: Seen; gradients: NamedTensorMap } {
    const tf = this.#tf
    const { config } = this
    const variables = Object.fromEntries(this.#parameters.byName) as unknown as Variables
    let seen: Seen | undefined
    const list = [...this.#parameters.byName.values()]
    const { value, grads } = tf.variableGrads(() => {
      const result = forward({ tf, config, variables, x, settings, dead })
      seen = keep(tf, x, result)
      return result.loss
    }, list)
    value.dispose()
    if (!seen) throw new Error('the forward pass did not run')
    const gradients: NamedTensorMap = {}
    for (const [name, variable] of this.#parameters.byName)
      gradients[name] = this.#projected(name, grads[variable.name])
    tf.dispose(grads)
    return { seen, gradients }
  }

  /** Where rows are kept at norm 1: the gradient without its part along the row. A copy in any case. */
  #projected(name: ParameterName, gradient: Tensor): Tensor {
    const tf = this.#tf
    if (name !== this.#unitRows) return gradient.clone()
    const rows = this.#parameters.get(name)
    return tf.tidy(() => tf.sub(gradient, tf.mul(tf.sum(tf.mul(gradient, rows), 1, true), rows)))
  }

  /** The matrix whose rows are kept at norm 1. */
  get #unitRows(): ParameterName | null {
    if (this.config.architecture === 'tied') return 'encoder'
    return this.config.decoderNorm === 'unit' ? 'decoder' : null
  }

  /** Clipping, Adam and renormalisation. @returns the gradient's norm before clipping */
  async #update(gradients: NamedTensorMap, { clipNorm, learningRate }: StepSettings): Promise<number> {
    const tf = this.#tf
    const square = tf.tidy(() => tf.addN(Object.values(gradients).map((g) => tf.sum(tf.square(g)))))
    const norm = Math.sqrt((await square.data())[0])
    square.dispose()
    const scale = clipNorm !== null && norm > clipNorm ? clipNorm / norm : 1
    tf.tidy(() => {
      for (const name of this.#parameters.byName.keys())
        this.#adam(name, tf.mul(gradients[name], scale), learningRate * rateFactor(name, this.config.dIn))
      if (this.#unitRows) normaliseRows(tf, this.#parameters.get(this.#unitRows))
    })
    return norm
  }

  #adam(name: ParameterName, gradient: Tensor, learningRate: number): void {
    const tf = this.#tf
    const { beta1, beta2, epsilon } = this.config.adam
    const t = this.#steps + 1
    const [value, first, second] = [this.#parameters, this.#first, this.#second].map((set) => set.get(name))
    first.assign(tf.add(tf.mul(first, beta1), tf.mul(gradient, 1 - beta1)))
    second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(gradient), 1 - beta2)))
    const size = tf.add(tf.sqrt(tf.mul(second, 1 / (1 - beta2 ** t))), epsilon)
    value.assign(tf.sub(value, tf.div(tf.mul(first, learningRate / (1 - beta1 ** t)), size)))
  }

  async #report(seen: Seen, rows: number): Promise<StepReport> {
    const parts = await Promise.all(PARTS.map((name) => seen[name].data()))
    const [loss, reconstruction, sparsity, aux, cosine] = parts.map((part) => part[0])
    const fires = Uint32Array.from(await seen.fires.data())
    const squaredErrors = (await seen.squaredErrors.data<'float32'>()).slice()
    const squaredError = squaredErrors.reduce((sum, e) => sum + e, 0)
    return {
      ...{ loss, reconstruction, sparsity, aux, cosine },
      mse: squaredError / rows,
      l0: fires.reduce((sum, n) => sum + n, 0) / rows,
      squaredError,
      squaredDeviation: (await seen.squaredDeviation.data())[0],
      gradientNorm: 0,
      dead: 0,
      threshold: this.#threshold,
      fires,
      squaredErrors,
      path: 'dense',
    }
  }
}

/** What outlives the forward pass. */
interface Seen extends Pick<Forward, (typeof PARTS)[number] | 'squaredErrors'> {
  /** [F] tokens on which each feature fired. */
  fires: Tensor1D
  /** The smallest activation > 0; Infinity when nothing fires. */
  smallest: Scalar
  squaredDeviation: Scalar
}

function keep(tf: Tf, x: Tensor2D, result: Forward): Seen {
  const { codes, loss, reconstruction, sparsity, aux, cosine, squaredErrors } = result
  const on = tf.greater(codes, 0)
  const seen: Seen = {
    ...{ loss, reconstruction, sparsity, aux, cosine, squaredErrors },
    fires: tf.sum(tf.cast(on, 'float32'), 0),
    smallest: tf.min(tf.where(on, codes, tf.fill(codes.shape, Infinity))),
    squaredDeviation: tf.sum(tf.squaredDifference(x, tf.mean(x, 0))),
  }
  for (const [name, tensor] of Object.entries(seen) as [keyof Seen, Tensor][])
    seen[name] = tf.keep(tensor.clone()) as never
  return seen
}

function normaliseRows(tf: Tf, rows: Variable): void {
  const norms = tf.norm(rows, 'euclidean', 1, true)
  rows.assign(tf.div(rows, tf.where(tf.greater(norms, 0), norms, tf.onesLike(norms))))
}
