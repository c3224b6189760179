import type { SaeWeights, SparseCodes } from '../sae/weights.ts'

/** A pass over the tokens takes at most so many steps, so that a rare feature's step stays within what is stable. */
export const STEPS_A_PASS = 40
const SMALLEST_BATCH = 64
const MOMENTUM = 0.9

/** Tokens that one step is made of. */
export const batchOf = (tokens: number): number => Math.max(SMALLEST_BATCH, Math.ceil(tokens / STEPS_A_PASS))

/**
 * Refits the decoder of an SAE by stochastic gradient descent on Σ_t ‖x_t − b_dec − a_t W‖², encoder and b_dec as they
 * are: the other way to what DecoderRefit solves. Steps are scaled by each feature's own energy Σ_t a_tj² (known after
 * `look` has seen all tokens) and by the most features that fire on a token, which bounds the largest curvature left;
 * the rate falls to zero as `Passes` says. Gradients come from sgd-batches.ts.
 */
export class DecoderSgd {
  readonly weights: SaeWeights
  readonly #energy: Float64Array
  readonly #step: Float32Array
  #most = 1
  #tokens = 0

  constructor(weights: SaeWeights) {
    this.weights = { ...weights, decoder: weights.decoder.slice() }
    this.#energy = new Float64Array(weights.dSae)
    this.#step = new Float32Array(weights.decoder.length)
  }

  /** Every batch once, before the first pass. */
  look({ rows, start, feature, value }: SparseCodes): void {
    const energy = this.#energy
    for (let t = 0; t < rows; t++) this.#most = Math.max(this.#most, start[t + 1] - start[t])
    for (let e = 0; e < start[rows]; e++) energy[feature[e]] += value[e] ** 2
    this.#tokens += rows
  }

  /**
   * One step.
   * @param gradient [dSae, dIn] Σ_t a_tj (x_t − b_dec − a_t W) over the batch
   * @param rows tokens of the batch
   * @param pace 1 at the beginning, falling to 0
   */
  descend(gradient: Float32Array, rows: number, pace: number): void {
    const { dIn, dSae, decoder } = this.weights
    const [energy, step] = [this.#energy, this.#step]
    const share = this.#tokens / rows
    const rate = pace * Math.min(1 / this.#most, 1 / share)
    for (let j = 0; j < dSae; j++) {
      const scale = energy[j] > 0 ? (rate * share) / energy[j] : 0
      for (let i = j * dIn, end = i + dIn; i < end; i++) {
        step[i] = MOMENTUM * step[i] + scale * gradient[i]
        decoder[i] += step[i]
      }
    }
  }
}

/** Passes that gain less than this share of all that was gained, each, have found what large steps find … */
const PLATEAU = 1e-4
/** … looked at over so many steps, since a few of them may lead anywhere. */
const STEPS_LOOKED_AT = 200

/**
 * How fast each pass goes, and how many there are: the pace falls linearly to zero over the passes asked for, or, once they
 * gain next to nothing, over as many passes again as it took until then.
 */
export class Passes {
  #from = { pass: 0, pace: 1 }
  #end: number
  /** Errors before the first pass, and of each. */
  readonly #errors: number[]
  readonly #window: number

  /** @param start the error before the first pass */
  constructor(most: number, stepsAPass: number, start: number) {
    this.#end = most
    this.#errors = [start]
    this.#window = Math.ceil(STEPS_LOOKED_AT / stepsAPass)
  }

  get end(): number {
    return this.#end
  }

  pace(pass: number): number {
    return (this.#from.pace * (this.#end - pass)) / (this.#end - this.#from.pass)
  }

  /** @param error of the next pass, as it was summed while it went */
  heard(error: number): void {
    const done = this.#errors.push(error) - 1
    const before = this.#errors[done - this.#window]
    if (this.#from.pass > 0 || 2 * done >= this.#end || before === undefined) return
    if (before - error > PLATEAU * this.#window * (this.#errors[0] - error)) return
    this.#from = { pass: done, pace: this.pace(done) }
    this.#end = 2 * done
  }
}
