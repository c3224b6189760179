import type { SaeMetrics } from '#contract/sae.ts'
import { reconstruct } from '../sae/train/reconstruct.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'

/** x − x̂ [rows, d]. */
export function residualOf(weights: SaeWeights, codes: SparseCodes, x: Float32Array): Float32Array {
  const residual = reconstruct(weights, codes, x)
  for (let i = 0; i < residual.length; i++) residual[i] = x[i] - residual[i]
  return residual
}

export type Quality = Pick<SaeMetrics, 'mse' | 'l0' | 'explainedVariance' | 'dead' | 'tokens'>

/**
 * Reconstruction quality from residuals as they come by (maths: metrics): MSE is the sum over d, averaged over tokens;
 * explained variance 1 − Σ‖r‖² / Σ‖x − x̄‖² with the mean x̄ of these tokens; dead features fired on none of them.
 */
export class QualitySums {
  readonly #sum: Float64Array
  /** [dSae] tokens on which each feature fired. */
  readonly fires: Uint32Array
  #tokens = 0
  #squares = 0
  #error = 0
  #active = 0

  constructor({ dIn, dSae }: Pick<SaeWeights, 'dIn' | 'dSae'>) {
    this.#sum = new Float64Array(dIn)
    this.fires = new Uint32Array(dSae)
  }

  take(x: Float32Array, residual: Float32Array, codes: SparseCodes): void {
    const d = this.#sum.length
    for (let t = 0, at = 0; t < codes.rows; t++)
      for (let c = 0; c < d; c++, at++) {
        this.#sum[c] += x[at]
        this.#squares += x[at] * x[at]
        this.#error += residual[at] * residual[at]
      }
    const entries = codes.start[codes.rows]
    for (let e = 0; e < entries; e++) this.fires[codes.feature[e]]++
    this.#active += entries
    this.#tokens += codes.rows
  }

  /** [dSae] fraction of tokens on which each feature fired. */
  density(): Float32Array<ArrayBuffer> {
    return Float32Array.from(this.fires, (n) => n / this.#tokens)
  }

  /** Σ‖x − x̄‖² */
  get deviation(): number {
    return this.#squares - this.#sum.reduce((total, s) => total + (s * s) / this.#tokens, 0)
  }

  quality(): Quality {
    return {
      mse: this.#error / this.#tokens,
      l0: this.#active / this.#tokens,
      explainedVariance: 1 - this.#error / this.deviation,
      dead: this.fires.reduce((dead, n) => dead + (n === 0 ? 1 : 0), 0),
      tokens: this.#tokens,
    }
  }
}
