import type { DensityHistogram, ReportSettings } from '#contract/report.ts'
import type { ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { batchTokens } from '../features/encode-part.ts'
import { randomDirections, seededRandom } from '../math/random.ts'
import { rowNorms } from '../sae/folding.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import { evaluationBatches } from './evaluation-tokens.ts'
import { QualitySums, residualOf } from './quality.ts'
import type { MeasuredSae } from './report-parts.ts'
import { TokenCodes } from './token-codes.ts'

const BIN_WIDTH = 0.25
const RANDOM_SEED = 1

type Tokens = Pick<ReportSettings, 'tokens' | 'skipPosition0'>

/** log10 of the densities of features that fire, in bins of a quarter up to 0 (firing on every token). */
export function densityHistogram(density: Float32Array): DensityHistogram {
  const bins = Array.from(
    density.filter((d) => d > 0),
    (d) => Math.min(-1, Math.floor(Math.log10(d) / BIN_WIDTH)),
  )
  const first = bins.reduce((least, bin) => Math.min(least, bin), -1)
  const counts = Array<number>(-first).fill(0)
  for (const bin of bins) counts[bin - first]++
  return { from: first * BIN_WIDTH, width: BIN_WIDTH, counts }
}

/** Mean lengths of activations x and of their reconstructions x − r, over tokens as they come by. */
export class NormSums {
  #tokens = 0
  #activation = 0
  #reconstruction = 0

  /** @param x [rows, d] @param residual [rows, d] */
  take(x: Float32Array, residual: Float32Array, d: number): void {
    for (let at = 0; at < x.length; at += d) {
      let [ofX, ofReconstruction] = [0, 0]
      for (let i = at; i < at + d; i++) {
        ofX += x[i] * x[i]
        ofReconstruction += (x[i] - residual[i]) ** 2
      }
      this.#activation += Math.sqrt(ofX)
      this.#reconstruction += Math.sqrt(ofReconstruction)
      this.#tokens++
    }
  }

  means(): { activation: number; reconstruction: number } {
    const tokens = this.#tokens
    return { activation: this.#activation / tokens, reconstruction: this.#reconstruction / tokens }
  }
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length

/** An SAE over the tokens of a set, batch by batch; its codes are gathered, everything else is summed up. */
export async function measureSae(
  weights: SaeWeights,
  reader: ActivationReader,
  tokens: Tokens,
  report: (tokens: number) => void,
): Promise<{ codes: SparseCodes; measured: MeasuredSae }> {
  const maxRows = batchTokens(weights.dSae)
  const encoder = await openEncoder(weights, { maxRows })
  const [gathered, quality, norms] = [new TokenCodes(), new QualitySums(weights), new NormSums()]
  let done = 0
  try {
    for (const { x, rows } of evaluationBatches(reader, tokens, maxRows)) {
      const codes = await encoder.encode(x, rows)
      const residual = residualOf(weights, codes, x)
      quality.take(x, residual, codes)
      norms.take(x, residual, weights.dIn)
      gathered.append(codes)
      report((done += rows))
    }
  } finally {
    await encoder.close()
  }
  return {
    codes: gathered.all(),
    measured: {
      ...quality.quality(),
      norms: { ...norms.means(), decoder: mean(rowNorms(weights.decoder, weights.dIn)) },
      density: densityHistogram(quality.density()),
    },
  }
}

/**
 * A randomly initialised SAE like another: as many features, encoder and decoder the same random directions, no biases
 * but b_dec, and as many features firing on a token (the k largest). What correlation with it is worth is nothing.
 */
export function randomLike({ dIn, dSae, bDec }: SaeWeights, l0: number): SaeWeights {
  const directions = randomDirections(dSae, dIn, 1, seededRandom(RANDOM_SEED))
  return {
    architecture: 'topk',
    dIn,
    dSae,
    encoder: directions,
    decoder: directions,
    bEnc: new Float32Array(dSae),
    bDec,
    appliesBDecToInput: true,
    k: Math.min(dSae, Math.max(1, Math.round(l0))),
    normalizeActivations: 'none',
  }
}

/** The codes of the random SAE like this one, over the same tokens. */
export async function randomCodes(
  weights: SaeWeights,
  l0: number,
  reader: ActivationReader,
  tokens: Tokens,
  report: (tokens: number) => void,
): Promise<SparseCodes> {
  return (await measureSae(randomLike(weights, l0), reader, tokens, report)).codes
}
