import type { Random } from '../../math/random.ts'
import type { Parameters, TraineeState } from '../backend.ts'

/** How long a feature's new encoder row is against the living ones' mean, so that it does not fire everywhere. */
const ENCODER_SHARE = 0.2

export interface HighLossInputs {
  /** [rows, d], as the SAE saw them. */
  x: Float32Array
  /** [rows] ‖x − x̂‖² */
  squaredErrors: Float32Array
}

/** When dead features begin anew: a few times, never near the end, where there is no time left to learn. */
export function isResamplingStep(step: number, steps: number): boolean {
  const every = Math.max(1, Math.floor(steps / 10))
  return step > 0 && step % every === 0 && step <= 0.6 * steps
}

/**
 * Lets dead features of an SAE with encoder and decoder begin anew at badly reconstructed inputs (Bricken et al. 2023,
 * “Neuron resampling”): inputs are drawn with probability ∝ squared error squared, none twice; the decoder row becomes
 * the direction of x − b_dec with the living rows' mean norm, the encoder row the same direction at 0.2 × the living
 * ones' mean norm, b_enc 0; Adam forgets them. Changes `state` in place.
 * @param deadAfter a feature silent for this many tokens is dead
 * @returns how many features were resampled: at most one per input
 */
export function resampleDead(
  state: TraineeState,
  deadAfter: number,
  inputs: HighLossInputs,
  random: Random,
): number {
  const { encoder, decoder, bEnc, bDec } = state.parameters
  if (!decoder || !bDec) throw new Error('resampling needs a decoder and b_dec')
  const d = bDec.length
  const isDead = (j: number): boolean => state.tokensSinceFired[j] >= deadAfter
  const dead = [...bEnc.keys()].filter(isDead)
  if (dead.length === 0 || dead.length === bEnc.length) return 0
  const encoderNorm = meanNorm(encoder, d, isDead)
  const decoderNorm = meanNorm(decoder, d, isDead)
  const rows = drawWithoutReplacement(inputs.squaredErrors, dead.length, random)
  rows.forEach((row, i) => {
    const direction = unitDifference(inputs.x, row * d, bDec)
    const at = dead[i] * d
    for (let c = 0; c < d; c++) {
      decoder[at + c] = direction[c] * decoderNorm
      encoder[at + c] = direction[c] * encoderNorm * ENCODER_SHARE
    }
    bEnc[dead[i]] = 0
    state.tokensSinceFired[dead[i]] = 0
    forget(state.firstMoments, dead[i], d)
    forget(state.secondMoments, dead[i], d)
  })
  return rows.length
}

function forget({ encoder, decoder, bEnc }: Parameters, feature: number, d: number): void {
  encoder.fill(0, feature * d, (feature + 1) * d)
  decoder?.fill(0, feature * d, (feature + 1) * d)
  bEnc[feature] = 0
}

/** Mean norm of the rows that are not dead. */
function meanNorm(rows: Float32Array, d: number, isDead: (j: number) => boolean): number {
  let sum = 0
  let count = 0
  for (let j = 0; j * d < rows.length; j++) {
    if (isDead(j)) continue
    let square = 0
    for (let i = j * d; i < (j + 1) * d; i++) square += rows[i] * rows[i]
    sum += Math.sqrt(square)
    count++
  }
  return sum / count
}

function unitDifference(x: Float32Array, at: number, centre: Float32Array): Float64Array {
  const out = new Float64Array(centre.length)
  let square = 0
  for (let i = 0; i < out.length; i++) {
    out[i] = x[at + i] - centre[i]
    square += out[i] * out[i]
  }
  const norm = Math.sqrt(square) || 1
  return out.map((value) => value / norm)
}

/** Draws up to `count` different rows, each time with probability ∝ weight² among those left. */
function drawWithoutReplacement(weights: Float32Array, count: number, random: Random): number[] {
  const mass = Float64Array.from(weights, (w) => w * w)
  const drawn: number[] = []
  while (drawn.length < Math.min(count, mass.length)) {
    const total = mass.reduce((sum, m) => sum + m, 0)
    if (!(total > 0)) break
    let left = random() * total
    let row = mass.findIndex((m) => (left -= m) < 0)
    if (row < 0) row = mass.findLastIndex((m) => m > 0)
    drawn.push(row)
    mass[row] = 0
  }
  return drawn
}
