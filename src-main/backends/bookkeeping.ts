import { problem } from '#contract/problem.ts'
import { parameterShapes } from '../sae/architectures/index.ts'
import type { TraineeConfig, TraineeState } from '../sae/backend.ts'

// What every backend does in the same way around a step.

/** @throws Problem when a tensor of the state is missing or of another size than the config says. */
export function checkState(config: TraineeConfig, state: TraineeState): void {
  const subject = `${config.architecture} state`
  for (const { name, rows, width } of parameterShapes(config))
    for (const part of ['parameters', 'firstMoments', 'secondMoments'] as const) {
      const length = state[part][name]?.length ?? 0
      if (length !== rows * width)
        throw problem(
          'mismatch',
          subject,
          `${name} (${part}) has ${length} numbers, ${rows} × ${width} expected`,
        )
    }
  const { length } = state.tokensSinceFired
  if (length !== config.dSae)
    throw problem('mismatch', subject, `tokensSinceFired has ${length} numbers, ${config.dSae} expected`)
}

/** @throws Problem when x is not `rows` rows, or there are more than the trainee was opened for. */
export function checkBatch(x: Float32Array, rows: number, dIn: number, most: number): void {
  if (!Number.isInteger(rows) || rows < 1 || rows > most)
    throw problem('bad-input', 'batch', `it has ${rows} rows, 1 to ${most} are possible`)
  if (x.length < rows * dIn)
    throw problem('mismatch', 'batch', `${x.length} numbers are not ${rows} rows of ${dIn}`)
}

const LONGEST_SILENCE = 2 ** 32 - 1

/** Brings tokensSinceFired up to date with a batch of `rows`. @returns how many features are dead now */
export function countSilence(
  tokensSinceFired: Uint32Array,
  fires: Uint32Array,
  rows: number,
  deadAfter: number,
): number {
  let dead = 0
  for (let j = 0; j < tokensSinceFired.length; j++) {
    const silence = fires[j] > 0 ? 0 : Math.min(LONGEST_SILENCE, tokensSinceFired[j] + rows)
    tokensSinceFired[j] = silence
    if (silence >= deadAfter) dead++
  }
  return dead
}

/** The running mean of the batches' smallest kept activation; it begins with the first, and skips empty batches. */
export function runningThreshold(
  config: TraineeConfig,
  before: number | null,
  smallest: number,
): number | null {
  if (!('thresholdRate' in config) || !(smallest > 0)) return before
  return before === null ? smallest : before + config.thresholdRate * (smallest - before)
}
