import { z } from 'zod'
import { problem, type ProblemError } from '#contract/problem.ts'
import type { StepReport } from '../backend.ts'

/** A loss this many times the best so far, and worse than predicting the mean, … */
const TOO_MANY_TIMES = 20
/** … for this many steps running. A spike after resampling is shorter. */
const PATIENCE = 30
/** Weight of the newest step in the running mean. */
const NEWEST = 0.1

export const DivergenceState = z.object({
  running: z.number().nullable(),
  best: z.number().nullable(),
  bad: z.int(),
})
export type DivergenceState = z.infer<typeof DivergenceState>

/** Notices when a loss stops being a number, or leaves for good. */
export class DivergenceWatch {
  state: DivergenceState = { running: null, best: null, bad: 0 }

  /** True when training this SAE any further is pointless. */
  diverged(report: StepReport): boolean {
    if (!Number.isFinite(report.loss) || !Number.isFinite(report.gradientNorm)) return true
    const { running, best } = this.state
    const now = running === null ? report.mse : (1 - NEWEST) * running + NEWEST * report.mse
    const least = best === null ? now : Math.min(best, now)
    const isBad = now > TOO_MANY_TIMES * least && report.squaredError > report.squaredDeviation
    this.state = { running: now, best: least, bad: isBad ? this.state.bad + 1 : 0 }
    return this.state.bad >= PATIENCE
  }
}

/** A loss that is no number because the batch holds one: no learning rate helps. */
export function checkActivations(x: Float32Array, step: number): void {
  const bad = x.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw problem(
      'bad-file',
      'activations',
      `the batch of step ${step} holds ${x[bad]}, which is not a finite number`,
      'Make or import the activation set again.',
    )
}

/** What a person is told: step, loss, and what to try. */
export function divergedProblem(
  name: string,
  step: number,
  loss: number,
  learningRate: number,
  lastGood: number | null,
): ProblemError {
  const kept =
    lastGood === null ? 'there was no checkpoint yet' : `the checkpoint of step ${lastGood} is kept`
  const word = Number.isFinite(loss) ? `reached ${loss.toPrecision(4)}` : `is ${loss}`
  return problem(
    'diverged',
    name,
    `at step ${step} the loss ${word}, so the run was stopped; ${kept}`,
    `Train again with a lower learning rate (it was ${Number(learningRate.toPrecision(3))}) or with gradient clipping.`,
  )
}
