import type { HybridMetrics } from '#contract/stitch.ts'
import type { RowProduct } from '../compare/row-product.ts'
import { squaredNorms } from '../compare/added-effect.ts'
import { firingLists, type EvaluationSet, type FiringLists } from './evaluation-set.ts'

/** Dot products with all candidates are made for so many features at a time. */
const PRODUCT_ROWS = 128

/**
 * A hybrid of two SAEs on an evaluation set, changed feature by feature; every number is exact at every moment (maths:
 * stitching). Kept beside the codes is r_t·w of every code with r the hybrid's residual, so the effect of any one change
 * is at hand; a change costs one pass over the codes of the tokens where the feature fires.
 */
export class Bench {
  readonly set: EvaluationSet
  readonly lists: FiringLists
  /** [candidates] 1 where the hybrid has the feature. */
  readonly inHybrid: Uint8Array
  /** [entries] r_t·w with the hybrid's residual. */
  readonly along: Float64Array
  /** [tokens] ‖r_t‖² */
  readonly error: Float64Array
  /** [candidates] Σ_t a_t (r_t·w) and ‖w‖² Σ_t a_t². */
  readonly projection: Float64Array
  readonly energy: Float64Array
  readonly norms: Float64Array
  readonly #product: RowProduct
  readonly #rows: Float32Array
  readonly #dots: Float32Array
  #sse: number
  #active = 0
  #features: number
  #dead = 0

  constructor(set: EvaluationSet, product: RowProduct) {
    const candidates = set.baseCount + set.donorCount
    this.set = set
    this.lists = firingLists(set)
    this.inHybrid = new Uint8Array(candidates).fill(1, 0, set.baseCount)
    this.along = set.along.slice()
    this.error = set.error.slice()
    this.projection = new Float64Array(candidates)
    this.energy = new Float64Array(candidates)
    // As float32, like the products they stand beside: a change that is taken back then cancels to the last bit.
    this.norms = squaredNorms({ decoder: set.decoder, dIn: set.d, dSae: candidates }).map(Math.fround)
    this.#product = product
    this.#rows = new Float32Array(PRODUCT_ROWS * set.d)
    this.#dots = new Float32Array(PRODUCT_ROWS * candidates)
    this.#sse = this.error.reduce((sum, e) => sum + e, 0)
    this.#features = set.baseCount
    for (let e = 0; e < set.start[set.tokens]; e++) {
      const [k, a] = [set.candidate[e], set.activation[e]]
      this.projection[k] += a * this.along[e]
      this.energy[k] += a * a * this.norms[k]
      if (k < set.baseCount) this.#active++
    }
    for (let k = 0; k < set.baseCount; k++) if (this.fires(k) === 0) this.#dead++
  }

  get candidates(): number {
    return this.inHybrid.length
  }

  /** Tokens on which a candidate fires. */
  fires(k: number): number {
    return this.lists.first[k + 1] - this.lists.first[k]
  }

  /** ΔSSE of toggling candidate k alone: adding it where it is out, removing it where it is in. */
  toggleDelta(k: number): number {
    const sign = this.inHybrid[k] ? -1 : 1
    return this.energy[k] - 2 * sign * this.projection[k]
  }

  /** [candidates] change in MSE of toggling each candidate alone. */
  effects(): Float64Array {
    return Float64Array.from({ length: this.candidates }, (_, k) => this.toggleDelta(k) / this.set.tokens)
  }

  /** Features in the hybrid whose direction it already overshoots where they fire: Σ_t a_t (r_t·w) < 0. */
  overPredicted(): number {
    return this.projection.reduce((count, p, k) => count + (this.inHybrid[k] && p < 0 ? 1 : 0), 0)
  }

  /**
   * What `overPredicted` would be with these candidates toggled, without doing it: the projections are linear in what is
   * added, so each toggle moves them by −a (w·w_k) a_k on the tokens where both fire. As dear as making the change:
   * `between` is waited for before each toggle, and may throw to end it.
   */
  async overPredictedAfter(
    toggles: Int32Array,
    between: () => void | Promise<void> = () => {},
  ): Promise<number> {
    const { start, candidate, activation } = this.set
    const { first, entry, token } = this.lists
    const projection = this.projection.slice()
    await this.#withDots(toggles, async (k, dots) => {
      await between()
      const sign = this.inHybrid[k] ? -1 : 1
      for (let n = first[k]; n < first[k + 1]; n++) {
        const t = token[entry[n]]
        const moved = sign * activation[entry[n]]
        for (let e = start[t]; e < start[t + 1]; e++)
          projection[candidate[e]] -= activation[e] * moved * dots[candidate[e]]
      }
    })
    const toggled = new Uint8Array(this.candidates)
    for (const k of toggles) toggled[k] = 1
    return projection.reduce((count, p, k) => count + (this.inHybrid[k] !== toggled[k] && p < 0 ? 1 : 0), 0)
  }

  metrics(): HybridMetrics {
    return this.#measured(this.#sse, this.#active, this.#features, this.#dead)
  }

  #measured(sse: number, active: number, features: number, dead: number): HybridMetrics {
    const { tokens, deviation, d } = this.set
    return {
      mse: sse / tokens,
      explainedVariance: 1 - sse / deviation,
      l0: active / tokens,
      features,
      parameters: features * (2 * d + 1) + d,
      dead,
    }
  }

  /** What toggling these candidates (each once) would give, exactly and without doing it. */
  preview(toggles: Int32Array): HybridMetrics {
    const delta = toggles.length === 1 ? this.toggleDelta(toggles[0]) : this.#setDelta(toggles)
    let [active, features, dead] = [this.#active, this.#features, this.#dead]
    for (const k of toggles) {
      const sign = this.inHybrid[k] ? -1 : 1
      active += sign * this.fires(k)
      features += sign
      if (this.fires(k) === 0) dead += sign
    }
    return this.#measured(this.#sse + delta, active, features, dead)
  }

  /** ΔSSE of a set: Σ_t [ ‖r_t − u_t‖² − ‖r_t‖² ] with u_t = Σ_j s_j a_tj w_j, over the tokens where any of it fires. */
  #setDelta(toggles: Int32Array): number {
    const { start, candidate, activation, decoder, d } = this.set
    const sign = new Int8Array(this.candidates)
    const touched = new Uint8Array(this.set.tokens)
    const { first, entry, token } = this.lists
    for (const k of toggles) {
      sign[k] = this.inHybrid[k] ? -1 : 1
      for (let n = first[k]; n < first[k + 1]; n++) touched[token[entry[n]]] = 1
    }
    const moved = new Float64Array(d)
    let delta = 0
    for (let t = 0; t < touched.length; t++) {
      if (!touched[t]) continue
      moved.fill(0)
      for (let e = start[t]; e < start[t + 1]; e++) {
        const s = sign[candidate[e]]
        if (s === 0) continue
        const a = s * activation[e]
        delta -= 2 * a * this.along[e]
        for (let c = 0, at = candidate[e] * d; c < d; c++) moved[c] += a * decoder[at + c]
      }
      for (let c = 0; c < d; c++) delta += moved[c] * moved[c]
    }
    return delta
  }

  /**
   * Toggles candidates one after the other. `after` sees each change when it is done; it may throw to stop, and what
   * was changed until then stays changed.
   */
  async toggle(toggles: ArrayLike<number>, after: (k: number) => void = () => {}): Promise<void> {
    await this.#withDots(toggles, (k, dots) => {
      this.#toggleOne(k, dots)
      after(k)
    })
  }

  /** Hands over [candidates] w_k · w of every candidate, for one k after the other. */
  async #withDots(
    toggles: ArrayLike<number>,
    use: (k: number, dots: Float32Array) => void | Promise<void>,
  ): Promise<void> {
    const { decoder, d } = this.set
    for (let from = 0; from < toggles.length; from += PRODUCT_ROWS) {
      const rows = Math.min(PRODUCT_ROWS, toggles.length - from)
      for (let r = 0; r < rows; r++) {
        const at = toggles[from + r] * d
        this.#rows.set(decoder.subarray(at, at + d), r * d)
      }
      const dots = await this.#product.multiply(this.#rows, rows, decoder, this.candidates, this.#dots)
      for (let r = 0; r < rows; r++)
        await use(toggles[from + r], dots.subarray(r * this.candidates, (r + 1) * this.candidates))
    }
  }

  /** @param dots [candidates] w_k · w of every candidate. */
  #toggleOne(k: number, dots: Float32Array): void {
    const { start, candidate, activation } = this.set
    const { first, entry, token } = this.lists
    const { along, projection, error } = this
    const sign = this.inHybrid[k] ? -1 : 1
    this.#sse += this.toggleDelta(k)
    this.#active += sign * this.fires(k)
    this.#features += sign
    if (this.fires(k) === 0) this.#dead += sign
    this.inHybrid[k] ^= 1
    const norm = this.norms[k]
    dots[k] = norm
    for (let n = first[k]; n < first[k + 1]; n++) {
      const own = entry[n]
      const t = token[own]
      const moved = sign * activation[own]
      error[t] += moved * (moved * norm - 2 * along[own])
      for (let e = start[t]; e < start[t + 1]; e++) {
        const other = candidate[e]
        const change = moved * dots[other]
        along[e] -= change
        projection[other] -= activation[e] * change
      }
    }
  }
}
