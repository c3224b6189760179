import type { CurvePoint } from '#contract/training.ts'

type Histogram = NonNullable<CurvePoint['density']>
/** Bins of log10 density: from one in a million to always. */
const FROM = -6
const BIN_WIDTH = 0.25
const BINS = -FROM / BIN_WIDTH

/** Counts on how many tokens each feature fires, until a histogram is taken. */
export class DensityCount {
  readonly fires: Uint32Array
  tokens = 0
  constructor(dSae: number) {
    this.fires = new Uint32Array(dSae)
  }

  add(fires: Uint32Array, tokens: number): void {
    this.tokens += tokens
    for (let j = 0; j < this.fires.length; j++) this.fires[j] += fires[j]
  }

  /** The histogram of log10(fires / tokens) so far; counting begins anew. */
  take(): Histogram {
    const counts = new Array<number>(BINS).fill(0)
    let silent = 0
    for (const fires of this.fires) {
      if (fires === 0) silent++
      else counts[binOf(fires / this.tokens)]++
    }
    const histogram = { tokens: this.tokens, from: FROM, binWidth: BIN_WIDTH, counts, silent }
    this.restore(0, new Uint32Array(this.fires.length))
    return histogram
  }

  restore(tokens: number, fires: Uint32Array): void {
    this.tokens = tokens
    this.fires.set(fires)
  }
}

/** Rarer than the first bin goes into it; a density of 1 into the last. */
const binOf = (density: number): number =>
  Math.min(BINS - 1, Math.max(0, Math.floor((Math.log10(density) - FROM) / BIN_WIDTH)))
