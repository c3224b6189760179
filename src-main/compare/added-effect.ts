import type { SaeWeights, SparseCodes } from '../sae/weights.ts'

type Host = Pick<SaeWeights, 'decoder' | 'bDec' | 'dIn'>

/** r = x − x̂ with x̂ = a·decoder + b_dec, [rows, d], summed in float64. */
export function residuals(
  host: Host,
  codes: SparseCodes,
  x: Float32Array,
  out = new Float32Array(x.length),
): Float32Array {
  const { decoder, bDec, dIn } = host
  const row = new Float64Array(dIn)
  for (let t = 0; t < codes.rows; t++) {
    for (let c = 0; c < dIn; c++) row[c] = x[t * dIn + c] - bDec[c]
    for (let e = codes.start[t]; e < codes.start[t + 1]; e++) {
      const activation = codes.value[e]
      const at = codes.feature[e] * dIn
      for (let c = 0; c < dIn; c++) row[c] -= activation * decoder[at + c]
    }
    out.set(row, t * dIn)
  }
  return out
}

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
export function squaredNorms({
  decoder,
  dIn,
  dSae,
}: Pick<SaeWeights, 'decoder' | 'dIn' | 'dSae'>): Float64Array {
  return Float64Array.from({ length: dSae }, (_, j) => {
    let sum = 0
    for (let c = j * dIn; c < (j + 1) * dIn; c++) sum += decoder[c] * decoder[c]
    return sum
  })
}

/**
 * ΔSSE of adding each feature of B to A alone, for all of them in one pass over the tokens (maths: stitching):
 * Σ_t [ −2 a_tj (r_t·w_j) + a_tj² ‖w_j‖² ], with r the residual of A. Only tokens where a feature fires cost anything.
 */
export class AddedEffect {
  /** [B.dSae] so far. */
  readonly deltaSse: Float64Array
  /** Σ‖r‖² of the host so far. */
  hostSse = 0
  readonly #host: Host
  readonly #donor: Pick<SaeWeights, 'decoder' | 'dIn' | 'dSae'>
  readonly #norms: Float64Array
  #residual = new Float32Array(0)

  /** Both with b_dec folded into b_enc or not: codes are given, so only directions and the host's b_dec count. */
  constructor(host: Host, donor: Pick<SaeWeights, 'decoder' | 'dIn' | 'dSae'>) {
    this.#host = host
    this.#donor = donor
    this.#norms = squaredNorms(donor)
    this.deltaSse = new Float64Array(donor.dSae)
  }

  /** @param x [rows, d] and the codes of host and donor on the same rows. */
  take(x: Float32Array, hostCodes: SparseCodes, donorCodes: SparseCodes): void {
    const { dIn } = this.#host
    const { decoder } = this.#donor
    if (this.#residual.length < x.length) this.#residual = new Float32Array(x.length)
    const residual = residuals(this.#host, hostCodes, x, this.#residual.subarray(0, x.length))
    for (const r of residual) this.hostSse += r * r
    for (let t = 0; t < donorCodes.rows; t++)
      for (let e = donorCodes.start[t]; e < donorCodes.start[t + 1]; e++) {
        const j = donorCodes.feature[e]
        const a = donorCodes.value[e]
        this.deltaSse[j] += a * (a * this.#norms[j] - 2 * along(residual, t, decoder, j, dIn))
      }
  }
}
