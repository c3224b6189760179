import { z } from 'zod'
import type { SaeId } from '#contract/ids.ts'
import type { CurvePoint, RunSettings } from '#contract/training.ts'
import { randomFor } from '../../math/permutation.ts'
import type { StepReport, StepSettings, Trainee, TraineeConfig, TraineeState } from '../backend.ts'
import type { SaeWeights } from '../weights.ts'
import type { SaeCheckpoint } from './checkpoint.ts'
import { Curve, CurveState, type Measured } from './curve.ts'
import { checkActivations, divergedProblem, DivergenceState, DivergenceWatch } from './divergence.ts'
import { finishedWeights } from './finished-weights.ts'
import { isResamplingStep, resampleDead } from './resample.ts'
import { constantStepSettings, fullSparsity, type SaeOptions } from './sae-options.ts'
import { learningRateFraction, sparsityFraction } from './schedule.ts'
import { SparsityControl, SparsityState } from './sparsity-control.ts'

/** What the loop remembers of an SAE beside its state in the backend. */
const Memo = z.object({ curve: CurveState, divergence: DivergenceState, sparsity: SparsityState })

export interface NewSaeInTraining {
  saeId: SaeId
  name: string
  options: SaeOptions
  config: TraineeConfig
  trainee: Trainee
  settings: RunSettings
  inputFactor: number
}

/** One SAE of a run: its trainee in the backend, its schedule, its curve, its watchmen. */
export class SaeInTraining {
  readonly saeId: SaeId
  readonly config: TraineeConfig
  readonly trainee: Trainee
  readonly #name: string
  readonly #options: SaeOptions
  readonly #settings: RunSettings
  readonly #inputFactor: number
  readonly #constant: ReturnType<typeof constantStepSettings>
  readonly #curve: Curve
  readonly #watch = new DivergenceWatch()
  readonly #sparsity: SparsityControl
  #last: { report: StepReport; stepSettings: StepSettings } | null = null

  constructor({ saeId, name, options, config, trainee, settings, inputFactor }: NewSaeInTraining) {
    this.saeId = saeId
    this.config = config
    this.trainee = trainee
    this.#name = name
    this.#options = options
    this.#settings = settings
    this.#inputFactor = inputFactor
    this.#constant = constantStepSettings(options, settings)
    const { batchTokens, pointEvery } = settings
    const sparsity = fullSparsity(options)
    this.#curve = new Curve({
      dSae: config.dSae,
      batchTokens,
      pointEvery,
      inputFactor,
      hasSparsity: sparsity !== null,
    })
    const targetL0 = 'targetL0' in options ? options.targetL0 : null
    this.#sparsity = new SparsityControl(sparsity ?? 0, targetL0, settings.steps)
  }

  /**
   * Step number `step` (0-based) on a batch.
   * @param lastGood step of the newest checkpoint, for the message when it diverges
   * @throws Problem diverged
   */
  async step(step: number, x: Float32Array, lastGood: number | null): Promise<void> {
    const schedule = this.#settings
    const stepSettings: StepSettings = {
      ...this.#constant,
      learningRate: this.#options.learningRate * learningRateFraction(step, schedule),
      sparsity: this.#sparsity.weight * sparsityFraction(step, schedule),
    }
    const report = await this.trainee.step(x, schedule.batchTokens, stepSettings)
    if (this.#watch.diverged(report)) {
      checkActivations(x, step + 1)
      throw divergedProblem(this.#name, step + 1, report.loss, this.#options.learningRate, lastGood)
    }
    this.#curve.add(report)
    this.#sparsity.observe(report.l0, step >= schedule.sparsityWarmUp)
    this.#last = { report, stepSettings }
    await this.#resample(step + 1, x, report)
  }

  async #resample(step: number, x: Float32Array, report: StepReport): Promise<void> {
    const { steps, deadAfter } = this.#settings
    const resamples = this.#options.architecture === 'standard' && this.#options.resample
    if (!resamples || report.dead === 0 || !isResamplingStep(step, steps)) return
    const state = await this.trainee.read()
    const random = randomFor(this.#options.seed, step)
    const inputs = { x, squaredErrors: report.squaredErrors }
    this.#curve.addResampled(resampleDead(state, deadAfter, inputs, random))
    await this.trainee.write(state)
  }

  /** The curve's point after `step` steps; a step must have been taken. */
  point(step: number, measured: Measured): CurvePoint {
    if (!this.#last) throw new Error('a point needs a step before it')
    return this.#curve.point(step, this.#last.report, this.#last.stepSettings, measured)
  }

  /** The SAE as it is now, for activations as they are. */
  async weights(): Promise<SaeWeights> {
    return finishedWeights(this.config, await this.trainee.read(), this.#settings, this.#inputFactor)
  }

  /** @throws Problem diverged when a weight is no number: such a state must not replace a good checkpoint. */
  async save(step: number, lastGood: number | null): Promise<SaeCheckpoint> {
    const trainee = await this.trainee.read()
    if (!isFiniteState(trainee))
      throw divergedProblem(this.#name, step, NaN, this.#options.learningRate, lastGood)
    const { state, fires } = this.#curve.save()
    return {
      trainee,
      fires,
      memo: { curve: state, divergence: this.#watch.state, sparsity: this.#sparsity.state },
    }
  }

  /** Puts back what `save` gave; the trainee itself was opened with the saved state. */
  restore({ fires, memo }: SaeCheckpoint): void {
    const { curve, divergence, sparsity } = Memo.parse(memo)
    this.#curve.restore(curve, fires)
    this.#watch.state = divergence
    this.#sparsity.state = sparsity
  }
}

const isFiniteState = ({ parameters }: TraineeState): boolean =>
  Object.values(parameters).every(
    (values: Float32Array | undefined) => values?.every(Number.isFinite) ?? true,
  )
