import type { SaeWeights } from '../../sae/weights.ts'
import type { Arena, Floats } from './arena.ts'

/** Activations on their way into the encoder product: normalised as the SAE wants, b_dec taken off, rows padded. */
export class EncoderInput {
  /** dIn padded to a multiple of 4. */
  readonly d: number
  readonly address: number
  readonly #weights: SaeWeights
  readonly #rows: Floats

  constructor(arena: Arena, weights: SaeWeights, rows: number) {
    this.d = Math.ceil(weights.dIn / 4) * 4
    this.#weights = weights
    this.#rows = arena.floats(rows * this.d)
    this.address = this.#rows.address
  }

  /** Places rows [from, to) of x [.., dIn]. */
  place(x: Float32Array, from: number, to: number): void {
    const { dIn, bDec, appliesBDecToInput } = this.#weights
    const out = this.#rows.view
    for (let t = from; t < to; t++) {
      const { shift, factor } = this.#normalisation(x, t * dIn)
      const at = (t - from) * this.d
      for (let i = 0; i < dIn; i++) {
        const value = (x[t * dIn + i] - shift) * factor
        out[at + i] = appliesBDecToInput ? value - bDec[i] : value
      }
    }
  }

  /** The token at x[at …] is to be taken as (x − shift)·factor; formulas at SaeWeights.normalizeActivations. */
  #normalisation(x: Float32Array, at: number): { shift: number; factor: number } {
    const { dIn, normalizeActivations } = this.#weights
    if (normalizeActivations !== 'layer_norm' && normalizeActivations !== 'constant_norm_rescale')
      return { shift: 0, factor: 1 }
    let sum = 0
    let squares = 0
    for (let i = at; i < at + dIn; i++) {
      sum += x[i]
      squares += x[i] * x[i]
    }
    if (normalizeActivations === 'constant_norm_rescale')
      return { shift: 0, factor: squares > 0 ? Math.sqrt(dIn / squares) : 1 }
    const mean = sum / dIn
    let spread = 0
    for (let i = at; i < at + dIn; i++) spread += (x[i] - mean) ** 2
    return { shift: mean, factor: 1 / (Math.sqrt(spread / (dIn - 1)) + 1e-5) }
  }
}
