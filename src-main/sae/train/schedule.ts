/** How the learning rate and the sparsity weight move over a run, in steps. */
export interface Schedule {
  steps: number
  /** Steps over which the learning rate rises from 0 to its full value. */
  learningRateWarmUp: number
  /** Steps at the end over which it falls to 0 in a straight line. */
  learningRateDecay: number
  /** Steps over which the sparsity weight rises from 0 to its full value. */
  sparsityWarmUp: number
}

/**
 * The learning rate of step `step` (0-based) as a fraction of the full one: a straight rise, a plateau, a straight
 * fall. Never 0, so that no step is wasted: the first step of a warm-up of n has 1/n, the last of a decay of n 1/n.
 */
export function learningRateFraction(step: number, schedule: Schedule): number {
  const rise = schedule.learningRateWarmUp > 0 ? (step + 1) / schedule.learningRateWarmUp : 1
  const fall = schedule.learningRateDecay > 0 ? (schedule.steps - step) / schedule.learningRateDecay : 1
  return Math.min(1, rise, fall)
}

/** The sparsity weight of step `step` (0-based) as a fraction of the full one: a straight rise from 0, then 1. */
export function sparsityFraction(step: number, schedule: Schedule): number {
  return schedule.sparsityWarmUp > 0 ? Math.min(1, step / schedule.sparsityWarmUp) : 1
}
