import type { HybridMetrics, Walk } from '#contract/stitch.ts'

/** Gathers the metrics of hybrids one after the other. */
export class WalkRecord {
  readonly #points: HybridMetrics[] = []

  push(metrics: HybridMetrics): void {
    this.#points.push(metrics)
  }

  get length(): number {
    return this.#points.length
  }

  walk(): Walk {
    const points = this.#points
    return {
      mse: Float64Array.from(points, (p) => p.mse),
      explainedVariance: Float64Array.from(points, (p) => p.explainedVariance),
      l0: Float64Array.from(points, (p) => p.l0),
      features: Int32Array.from(points, (p) => p.features),
    }
  }
}
