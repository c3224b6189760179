import { along } from '../compare/added-effect.ts'
import { residualOf } from '../compare/quality.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'

/** A part of an evaluation set: consecutive tokens. Tensors as in EvaluationSet, entries counted from 0. */
export interface EvaluationPart {
  tokenNumber: Int32Array
  start: Uint32Array
  candidate: Uint32Array
  activation: Float32Array
  along: Float64Array
  error: Float64Array
  /** [d] Σ_t x_t, and Σ_t ‖x_t‖². */
  sum: Float64Array
  squares: number
}

/** Codes of base and donor as one: the donor's features come after the base's. */
function joined(base: SparseCodes, donor: SparseCodes, baseCount: number) {
  const entries = base.start[base.rows] + donor.start[donor.rows]
  const start = new Uint32Array(base.rows + 1)
  const candidate = new Uint32Array(entries)
  const activation = new Float32Array(entries)
  let at = 0
  for (let t = 0; t < base.rows; t++) {
    for (const [codes, shift] of [
      [base, 0],
      [donor, baseCount],
    ] as const)
      for (let e = codes.start[t]; e < codes.start[t + 1]; e++, at++) {
        candidate[at] = codes.feature[e] + shift
        activation[at] = codes.value[e]
      }
    start[t + 1] = at
  }
  return { start, candidate, activation }
}

/** What of a batch the evaluation set keeps. x [rows, d]; both SAEs in elementwise form, with their codes of x. */
export function evaluationPart(
  base: SaeWeights,
  donor: SaeWeights,
  batch: { x: Float32Array; token: Int32Array; baseCodes: SparseCodes; donorCodes: SparseCodes },
): EvaluationPart {
  const { x, token, baseCodes, donorCodes } = batch
  const { dIn: d, dSae: baseCount } = base
  const rows = baseCodes.rows
  const residual = residualOf(base, baseCodes, x)
  const entries = joined(baseCodes, donorCodes, baseCount)
  const { start, candidate } = entries
  const alongs = new Float64Array(candidate.length)
  for (let t = 0; t < rows; t++)
    for (let e = start[t]; e < start[t + 1]; e++) {
      const k = candidate[e]
      alongs[e] =
        k < baseCount
          ? along(residual, t, base.decoder, k, d)
          : along(residual, t, donor.decoder, k - baseCount, d)
    }
  const error = new Float64Array(rows)
  const sum = new Float64Array(d)
  let squares = 0
  for (let t = 0, at = 0; t < rows; t++)
    for (let c = 0; c < d; c++, at++) {
      error[t] += residual[at] * residual[at]
      sum[c] += x[at]
      squares += x[at] * x[at]
    }
  return { ...entries, tokenNumber: token.slice(), along: alongs, error, sum, squares }
}
