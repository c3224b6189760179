import { z } from 'zod'
import type { CurvePoint } from '#contract/training.ts'
import type { StepReport, StepSettings } from '../backend.ts'
import { DensityCount } from './density.ts'

const SUMMED = [
  'loss',
  'reconstruction',
  'sparsity',
  'aux',
  'cosine',
  'l0',
  'gradientNorm',
  'squaredError',
  'squaredDeviation',
] as const
const Sums = z.record(z.enum(SUMMED), z.number())
type Sums = z.infer<typeof Sums>
const zeroSums = (): Sums => Object.fromEntries(SUMMED.map((name) => [name, 0])) as Sums

/** What a curve has gathered since its last point: part of a checkpoint, so that a resumed curve is the same. */
export const CurveState = z.object({
  steps: z.int(),
  sums: Sums,
  resampled: z.int(),
  densityTokens: z.int(),
})
export type CurveState = z.infer<typeof CurveState>

/** A histogram of densities goes with every so many points. */
const POINTS_PER_HISTOGRAM = 20

export interface CurveOptions {
  dSae: number
  batchTokens: number
  pointEvery: number
  /** Activations were multiplied by this before training; mse is given in their own units. */
  inputFactor: number
  hasSparsity: boolean
}

/** Gathers step reports of one SAE into the points of its curve: means over the steps in between. */
export class Curve {
  readonly #options: CurveOptions
  readonly #density: DensityCount
  #state: CurveState = { steps: 0, sums: zeroSums(), resampled: 0, densityTokens: 0 }

  constructor(options: CurveOptions) {
    this.#options = options
    this.#density = new DensityCount(options.dSae)
  }

  add(report: StepReport): void {
    this.#state.steps++
    for (const name of SUMMED) this.#state.sums[name] += report[name]
    this.#density.add(report.fires, this.#options.batchTokens)
  }

  addResampled(features: number): void {
    this.#state.resampled += features
  }

  /** The point after `step` steps, of all that came since the last one. */
  point(step: number, report: StepReport, settings: StepSettings, measured: Measured): CurvePoint {
    const { batchTokens, pointEvery, inputFactor, hasSparsity } = this.#options
    const { steps, sums, resampled } = this.#state
    const withHistogram = Math.ceil(step / pointEvery) % POINTS_PER_HISTOGRAM === 0
    this.#state = { ...this.#state, steps: 0, sums: zeroSums(), resampled: 0 }
    return {
      step,
      tokens: step * batchTokens,
      loss: sums.loss / steps,
      reconstruction: sums.reconstruction / steps,
      sparsity: sums.sparsity / steps,
      aux: sums.aux / steps,
      cosine: sums.cosine / steps,
      mse: sums.squaredError / (steps * batchTokens) / inputFactor ** 2,
      l0: sums.l0 / steps,
      explainedVariance: 1 - sums.squaredError / Math.max(sums.squaredDeviation, Number.MIN_VALUE),
      dead: report.dead,
      resampled,
      learningRate: settings.learningRate,
      sparsityWeight: hasSparsity ? settings.sparsity : null,
      gradientNorm: sums.gradientNorm / steps,
      density: withHistogram ? this.#density.take() : null,
      ...measured,
    }
  }

  /** @returns numbers for JSON and the counts as an array */
  save(): { state: CurveState; fires: Uint32Array } {
    return { state: { ...this.#state, densityTokens: this.#density.tokens }, fires: this.#density.fires }
  }

  restore(state: CurveState, fires: Uint32Array): void {
    this.#state = structuredClone(state)
    this.#density.restore(state.densityTokens, fires)
  }
}
/** What is not in the step reports. */
export type Measured = Pick<CurvePoint, 'ceRecovered' | 'tokensPerSecond'>
