import { Tensor, type InferenceSession } from 'onnxruntime-node'
import type { StepReport, StepSettings, Trainee, TraineeConfig, TraineeState } from '../../sae/backend.ts'
import { checkBatch, checkState, countSilence, runningThreshold } from '../bookkeeping.ts'
import type { Graph } from './graph.ts'
import { ResidentState } from './resident-state.ts'
import { openOnGpu } from './session.ts'
import { stepGraph } from './step-graph.ts'
import { FAR, REPORT, SCALARS, type Scalars } from './step-values.ts'

/** Clipping to this is no clipping. */
const NO_CLIPPING = 1e30

/** One SAE in training on a GPU of any make: the step is one graph, the state never leaves the GPU. */
export class WebgpuTrainee implements Trainee {
  readonly config: TraineeConfig
  readonly #batchTokens: number
  readonly #state: ResidentState
  /** With and without the cosine penalty, made when first needed. */
  readonly #sessions = new Map<boolean, Promise<InferenceSession>>()
  #steps: number
  #threshold: number | null
  #tokensSinceFired: Uint32Array

  private constructor(
    config: TraineeConfig,
    state: TraineeState,
    resident: ResidentState,
    batchTokens: number,
  ) {
    this.config = config
    this.#batchTokens = batchTokens
    this.#state = resident
    this.#steps = state.steps
    this.#threshold = state.threshold
    this.#tokensSinceFired = state.tokensSinceFired.slice()
  }

  static async open(config: TraineeConfig, state: TraineeState, batchTokens: number): Promise<WebgpuTrainee> {
    checkState(config, state)
    return new WebgpuTrainee(config, state, await ResidentState.open(config, state), batchTokens)
  }

  async step(x: Float32Array, rows: number, settings: StepSettings): Promise<StepReport> {
    const { dIn, dSae, deadAfter } = this.config
    checkBatch(x, rows, dIn, this.#batchTokens)
    const session = await this.#session(settings.cosine > 0)
    const { mask, any } = this.#dead()
    const scalars = this.#scalars(rows, settings, any)
    const results = (await session.run({
      ...this.#state.feeds,
      x: new Tensor('float32', x.slice(0, rows * dIn), [rows, dIn]),
      dead: new Tensor('float32', mask, [1, dSae]),
      ...Object.fromEntries(SCALARS.map((name) => [name, new Tensor('float32', [scalars[name]], [1, 1])])),
    })) as Record<string, Tensor>
    const { report, smallest } = this.#report(results, rows)
    if (!Number.isFinite(report.loss)) {
      for (const tensor of Object.values(results)) tensor.dispose()
      return report
    }
    this.#state.advance(results)
    this.#steps++
    report.dead = countSilence(this.#tokensSinceFired, report.fires, rows, deadAfter)
    this.#threshold = runningThreshold(this.config, this.#threshold, smallest)
    report.threshold = this.#threshold
    return report
  }

  async read(): Promise<TraineeState> {
    return {
      ...(await this.#state.read()),
      steps: this.#steps,
      tokensSinceFired: this.#tokensSinceFired.slice(),
      threshold: this.#threshold,
    }
  }

  async write(state: TraineeState): Promise<void> {
    checkState(this.config, state)
    this.#state.write(state)
    this.#steps = state.steps
    this.#threshold = state.threshold
    this.#tokensSinceFired = state.tokensSinceFired.slice()
  }

  async dispose(): Promise<void> {
    await this.#state.dispose()
    for (const session of this.#sessions.values()) await (await session).release()
  }

  #session(withCosine: boolean): Promise<InferenceSession> {
    let session = this.#sessions.get(withCosine)
    if (!session) {
      const graph = stepGraph(this.config, withCosine)
      this.#sessions.set(withCosine, (session = openOnGpu(graph, locations(graph))))
    }
    return session
  }

  /** [F] 1 for the dead features. */
  #dead(): { mask: Float32Array; any: boolean } {
    const { deadAfter } = this.config
    const mask = Float32Array.from(this.#tokensSinceFired, (tokens) => (tokens >= deadAfter ? 1 : 0))
    return { mask, any: mask.includes(1) }
  }

  #scalars(rows: number, settings: StepSettings, anyDead: boolean): Scalars<number> {
    const { beta1, beta2 } = this.config.adam
    const t = this.#steps + 1
    const { sparsity, cosine, learningRate } = settings
    // Without dead features there is no aux-k term; gated has another one.
    const aux = this.config.architecture === 'gated' || anyDead ? settings.aux : 0
    return {
      ...{ rows, sparsity, aux, cosine, learningRate },
      clipNorm: settings.clipNorm ?? NO_CLIPPING,
      firstCorrection: 1 / (1 - beta1 ** t),
      secondCorrection: 1 / (1 - beta2 ** t),
    }
  }

  #report(results: Record<string, Tensor>, rows: number): { report: StepReport; smallest: number } {
    const numbers = results.report.data as Float32Array
    const named = Object.fromEntries(REPORT.map((name, i) => [name, numbers[i]])) as Record<
      (typeof REPORT)[number],
      number
    >
    const { reconstruction, sparsity, aux, cosine, squaredError, squaredDeviation, smallest, gradientNorm } =
      named
    const fires = Uint32Array.from(results.fires.data as Float32Array)
    const report = {
      ...{ reconstruction, sparsity, aux, cosine, squaredError, squaredDeviation, gradientNorm, fires },
      loss: reconstruction + sparsity + aux + cosine,
      mse: squaredError / rows,
      l0: fires.reduce((sum, n) => sum + n, 0) / rows,
      dead: 0,
      threshold: this.#threshold,
      squaredErrors: Float32Array.from(results.squaredErrors.data as Float32Array),
      path: 'dense',
    }
    return { report, smallest: smallest < FAR ? smallest : 0 }
  }
}

/** The state stays on the GPU; what is reported comes back. */
const locations = (graph: Graph): Record<string, 'cpu' | 'gpu-buffer'> =>
  Object.fromEntries(graph.outputNames.map((name) => [name, name.startsWith('next_') ? 'gpu-buffer' : 'cpu']))
