import { residualOf } from '../compare/quality.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'

/** A pass over the tokens takes at most so many steps, so that a rare feature's step stays within what is stable. */
const STEPS_A_PASS = 40
const SMALLEST_BATCH = 64
const MOMENTUM = 0.9

/**
 * Refits the decoder of an SAE by stochastic gradient descent on Σ_t ‖x_t − b_dec − a_t W‖², encoder and b_dec as they
 * are: the other way to what DecoderRefit solves. Steps are scaled by each feature's own energy Σ_t a_tj² (known after
 * `look` has seen all tokens) and by the most features that fire on a token, which bounds the largest curvature left;
 * the rate falls linearly to zero.
 */
export class DecoderSgd {
  readonly #weights: SaeWeights
  readonly #energy: Float64Array
  readonly #step: Float32Array
  readonly #gradient: Float32Array
  #most = 1
  #tokens = 0

  constructor(weights: SaeWeights) {
    this.#weights = { ...weights, decoder: weights.decoder.slice() }
    this.#energy = new Float64Array(weights.dSae)
    this.#step = new Float32Array(weights.decoder.length)
    this.#gradient = new Float32Array(weights.decoder.length)
  }

  get weights(): SaeWeights {
    return this.#weights
  }

  /** Every batch once, before the first pass. */
  look(codes: SparseCodes): void {
    for (let t = 0; t < codes.rows; t++)
      this.#most = Math.max(this.#most, codes.start[t + 1] - codes.start[t])
    for (let e = 0; e < codes.start[codes.rows]; e++) this.#energy[codes.feature[e]] += codes.value[e] ** 2
    this.#tokens += codes.rows
  }

  /** Tokens that one step is made of. */
  get batch(): number {
    return Math.max(SMALLEST_BATCH, Math.ceil(this.#tokens / STEPS_A_PASS))
  }

  /** Descends along one batch. @param done share of the whole descent, 0 to 1 */
  descend(x: Float32Array, codes: SparseCodes, done: number): void {
    const { dIn, decoder } = this.#weights
    const share = this.#tokens / codes.rows
    const rate = (1 - done) * Math.min(1 / this.#most, 1 / share)
    const residual = residualOf(this.#weights, codes, x)
    this.#gradient.fill(0)
    for (let t = 0; t < codes.rows; t++)
      for (let e = codes.start[t]; e < codes.start[t + 1]; e++) {
        const j = codes.feature[e]
        const a = (share * codes.value[e]) / this.#energy[j]
        for (let c = 0, to = j * dIn, from = t * dIn; c < dIn; c++)
          this.#gradient[to + c] += a * residual[from + c]
      }
    for (let i = 0; i < decoder.length; i++) {
      this.#step[i] = MOMENTUM * this.#step[i] + rate * this.#gradient[i]
      decoder[i] += this.#step[i]
    }
  }
}

/** Tokens from … to of some codes. */
export function codesBetween(codes: SparseCodes, from: number, to: number): SparseCodes {
  const [first, last] = [codes.start[from], codes.start[to]]
  return {
    rows: to - from,
    start: codes.start.subarray(from, to + 1).map((at) => at - first),
    feature: codes.feature.subarray(first, last),
    value: codes.value.subarray(first, last),
  }
}
