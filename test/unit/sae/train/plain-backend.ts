import type {
  Backend,
  StepReport,
  StepSettings,
  Trainee,
  TraineeConfig,
  TraineeState,
} from '../../../../src-main/sae/backend.ts'
import type { OpenEncoder } from '../../../../src-main/sae/train/evaluate.ts'
import type { SaeWeights, SparseCodes } from '../../../../src-main/sae/weights.ts'

// A standard SAE trained by plain loops: what the training loop is tried with, without a real backend.

const NAMES = ['encoder', 'bEnc', 'decoder', 'bDec'] as const
type Full = Record<(typeof NAMES)[number], Float32Array>

class PlainTrainee implements Trainee {
  readonly config: TraineeConfig
  #state: TraineeState
  constructor(config: TraineeConfig, state: TraineeState) {
    this.config = config
    this.#state = structuredClone(state)
  }

  step(x: Float32Array, rows: number, settings: StepSettings): Promise<StepReport> {
    const { dIn: d, dSae: F, deadAfter } = this.config
    const { encoder, bEnc, decoder, bDec } = this.#state.parameters as Full
    const gradient = Object.fromEntries(
      NAMES.map((name) => [name, new Float64Array((this.#state.parameters as Full)[name].length)]),
    ) as Record<keyof Full, Float64Array>
    const fires = new Uint32Array(F)
    const squaredErrors = new Float32Array(rows)
    let [squaredError, l1, active] = [0, 0, 0]
    const norms = Array.from({ length: F }, (_, j) => Math.hypot(...decoder.subarray(j * d, (j + 1) * d)))
    const codes = new Float64Array(F)
    const error = new Float64Array(d)
    for (let t = 0; t < rows; t++) {
      error.set(bDec)
      for (let j = 0; j < F; j++) {
        let pre = bEnc[j]
        for (let i = 0; i < d; i++) pre += (x[t * d + i] - bDec[i]) * encoder[j * d + i]
        codes[j] = Math.max(0, pre)
        if (codes[j] === 0) continue
        fires[j]++
        active++
        l1 += codes[j] * norms[j]
        for (let i = 0; i < d; i++) error[i] += codes[j] * decoder[j * d + i]
      }
      for (let i = 0; i < d; i++) {
        error[i] -= x[t * d + i]
        squaredErrors[t] += error[i] ** 2
        gradient.bDec[i] += (2 * error[i]) / rows
      }
      squaredError += squaredErrors[t]
      for (let j = 0; j < F; j++) {
        if (codes[j] === 0) continue
        let g = (settings.sparsity * norms[j]) / rows
        for (let i = 0; i < d; i++) g += (2 * error[i] * decoder[j * d + i]) / rows
        gradient.bEnc[j] += g
        for (let i = 0; i < d; i++) {
          gradient.decoder[j * d + i] +=
            (2 * codes[j] * error[i] + (settings.sparsity * codes[j] * decoder[j * d + i]) / norms[j]) / rows
          gradient.encoder[j * d + i] += g * (x[t * d + i] - bDec[i])
          gradient.bDec[i] -= g * encoder[j * d + i]
        }
      }
    }
    const sparsity = (settings.sparsity * l1) / rows
    const mse = squaredError / rows
    const { tokensSinceFired } = this.#state
    for (let j = 0; j < F; j++) tokensSinceFired[j] = fires[j] > 0 ? 0 : tokensSinceFired[j] + rows
    const loss = mse + sparsity
    if (Number.isFinite(loss)) this.#update(gradient, settings.learningRate)
    return Promise.resolve({
      loss,
      mse,
      reconstruction: mse,
      sparsity,
      aux: 0,
      cosine: 0,
      l0: active / rows,
      squaredError,
      squaredDeviation: deviation(x, rows, d),
      gradientNorm: 0,
      dead: tokensSinceFired.filter((tokens) => tokens >= deadAfter).length,
      threshold: null,
      fires,
      squaredErrors,
      path: 'plain',
    })
  }

  #update(gradient: Record<keyof Full, Float64Array>, learningRate: number): void {
    const { beta1, beta2, epsilon } = this.config.adam
    const { parameters, firstMoments, secondMoments } = this.#state as Pick<TraineeState, never> as {
      parameters: Full
      firstMoments: Full
      secondMoments: Full
    }
    this.#state.steps++
    const [c1, c2] = [1 - beta1 ** this.#state.steps, 1 - beta2 ** this.#state.steps]
    for (const name of NAMES)
      gradient[name].forEach((g, i) => {
        const m = (firstMoments[name][i] = beta1 * firstMoments[name][i] + (1 - beta1) * g)
        const v = (secondMoments[name][i] = beta2 * secondMoments[name][i] + (1 - beta2) * g * g)
        parameters[name][i] -= (learningRate * (m / c1)) / (Math.sqrt(v / c2) + epsilon)
      })
  }

  read(): Promise<TraineeState> {
    return Promise.resolve(structuredClone(this.#state))
  }
  write(state: TraineeState): Promise<void> {
    this.#state = structuredClone(state)
    return Promise.resolve()
  }
  dispose(): Promise<void> {
    return Promise.resolve()
  }
}

function deviation(x: Float32Array, rows: number, d: number): number {
  let sum = 0
  for (let i = 0; i < d; i++) {
    let mean = 0
    for (let t = 0; t < rows; t++) mean += x[t * d + i] / rows
    for (let t = 0; t < rows; t++) sum += (x[t * d + i] - mean) ** 2
  }
  return sum
}

export const plainBackend: Backend = {
  name: 'cpu',
  open: (config, state) => Promise.resolve(new PlainTrainee(config, state)),
}

/** Encodes by plain loops: ReLU of the pre-activations. */
export const openPlainEncoder: OpenEncoder = (weights: SaeWeights) =>
  Promise.resolve({
    encode: (x: Float32Array, rows: number) => Promise.resolve(encode(weights, x, rows)),
    close: () => Promise.resolve(),
  })

function encode(weights: SaeWeights, x: Float32Array, rows: number): SparseCodes {
  const { dIn: d, dSae, encoder, bEnc, bDec, appliesBDecToInput } = weights
  const start = new Uint32Array(rows + 1)
  const feature: number[] = []
  const value: number[] = []
  for (let t = 0; t < rows; t++) {
    for (let j = 0; j < dSae; j++) {
      let pre = bEnc[j]
      for (let i = 0; i < d; i++)
        pre += (x[t * d + i] - (appliesBDecToInput ? bDec[i] : 0)) * encoder[j * d + i]
      if (pre <= 0) continue
      feature.push(j)
      value.push(pre)
    }
    start[t + 1] = feature.length
  }
  return { rows, start, feature: Uint32Array.from(feature), value: Float32Array.from(value) }
}
