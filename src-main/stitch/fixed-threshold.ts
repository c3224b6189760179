import type { SparseCodes } from '../sae/weights.ts'

/**
 * The threshold that stands in for keeping the k largest: the mean over tokens of the smallest kept activation (as
 * batchtopk does for inference, Bussmann et al. 2024, arXiv 2412.06410). Tokens where nothing fires do not count.
 */
export class FixedThreshold {
  #sum = 0
  #tokens = 0

  take({ rows, start, value }: SparseCodes): void {
    for (let t = 0; t < rows; t++) {
      let smallest = Infinity
      for (let e = start[t]; e < start[t + 1]; e++) smallest = Math.min(smallest, value[e])
      if (smallest === Infinity) continue
      this.#sum += smallest
      this.#tokens++
    }
  }

  /** 0 where nothing fired at all. */
  get value(): number {
    return this.#tokens === 0 ? 0 : this.#sum / this.#tokens
  }
}
