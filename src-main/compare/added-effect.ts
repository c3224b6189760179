import type { SaeWeights, SparseCodes } from '../sae/weights.ts'

type Donor = Pick<SaeWeights, 'decoder' | 'dIn' | 'dSae'>

/** r_t · w_j in float64. */
export function along(
  residual: Float32Array,
  t: number,
  decoder: Float32Array,
  j: number,
  dIn: number,
): number {
  let sum = 0
  for (let c = 0, r = t * dIn, w = j * dIn; c < dIn; c++) sum += residual[r + c] * decoder[w + c]
  return sum
}

/** ‖w_j‖² of every row. */
export function squaredNorms({ decoder, dIn, dSae }: Donor): Float64Array {
  return Float64Array.from({ length: dSae }, (_, j) => {
    let sum = 0
    for (let c = j * dIn; c < (j + 1) * dIn; c++) sum += decoder[c] * decoder[c]
    return sum
  })
}

/**
 * ΔSSE of adding each feature of a donor to a host alone, for all of them in one pass over the tokens (maths: stitching):
 * Σ_t [ −2 a_tj (r_t·w_j) + a_tj² ‖w_j‖² ], with r the host's residual. Only tokens where a feature fires cost anything.
 */
export class AddedEffect {
  /** [donor.dSae] so far. */
  readonly deltaSse: Float64Array
  readonly #donor: Donor
  readonly #norms: Float64Array

  constructor(donor: Donor) {
    this.#donor = donor
    this.#norms = squaredNorms(donor)
    this.deltaSse = new Float64Array(donor.dSae)
  }

  /** @param residual [rows, d] x − x̂ of the host, and the donor's codes of the same rows. */
  take(residual: Float32Array, codes: SparseCodes): void {
    const { decoder, dIn } = this.#donor
    for (let t = 0; t < codes.rows; t++)
      for (let e = codes.start[t]; e < codes.start[t + 1]; e++) {
        const j = codes.feature[e]
        const a = codes.value[e]
        this.deltaSse[j] += a * (a * this.#norms[j] - 2 * along(residual, t, decoder, j, dIn))
      }
  }
}
