import { problem } from '#contract/problem.ts'
import { along, squaredNorms } from '../compare/added-effect.ts'
import { residualOf } from '../compare/quality.ts'
import { selfContained } from '../sae/folding.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import { combine } from './combine.ts'
import type { HybridOrigins } from './hybrid.ts'

// A host that keeps the k largest, used exactly: which features a token keeps is chosen anew among all of the hybrid's.

/** An SAE's features by what they would be without a choice: ReLU of their pre-activations, b_dec folded in. */
function unchosen(weights: SaeWeights, role: string): SaeWeights {
  const { k: _k, rescaleActsByDecoderNorm: _rescale, ...own } = selfContained(weights)
  if (own.threshold || own.architecture === 'gated')
    throw problem(
      'unsupported',
      role,
      `features of kind ${own.architecture} have thresholds or gates of their own and cannot compete for the k largest`,
      'Use the fixed-threshold form.',
    )
  return { ...own, architecture: 'standard' }
}

/** Both SAEs of a stitch whose host keeps the k largest. */
export interface RankedPair {
  k: number
  base: SaeWeights
  donor: SaeWeights
}

/** @throws Problem where the donor's features cannot compete. */
export function rankedPair(base: SaeWeights, donor: SaeWeights): RankedPair {
  if (base.k === undefined)
    throw problem('bad-input', 'base', `an SAE of kind ${base.architecture} does not keep the k largest`)
  return { k: base.k, base: unchosen(base, 'base'), donor: unchosen(donor, 'donor') }
}

/** The hybrid as an SAE that keeps the host's k. */
export function rankedHybrid({ k, base, donor }: RankedPair, origins: HybridOrigins): SaeWeights {
  const of = (donorSide: 0 | 1): Int32Array =>
    origins.feature.filter((_, n) => origins.fromDonor[n] === donorSide)
  const picked = [
    { weights: base, features: of(0) },
    { weights: donor, features: of(1) },
  ]
  return { ...combine(picked, base.bDec), architecture: 'topk', k }
}

/** The smallest kept code of a token that keeps all k; a feature above it takes its place. */
function smallestKept(codes: SparseCodes, t: number, k: number): { value: number; feature: number } | null {
  const [from, to] = [codes.start[t], codes.start[t + 1]]
  if (to - from < k) return null
  let at = from
  for (let e = from; e < to; e++) if (codes.value[e] < codes.value[at]) at = e
  return { value: codes.value[at], feature: codes.feature[at] }
}

/**
 * ΔSSE of adding each feature of the donor alone to a host that keeps the k largest. On a token where its activation a is
 * above the smallest kept, v of feature m, it takes its place: ‖r − a w_j + v w_m‖² − ‖r‖²; where fewer than k fire it is
 * one more.
 */
export class RankedEffect {
  /** [donor.dSae] so far. */
  readonly deltaSse: Float64Array
  readonly #pair: RankedPair
  readonly #hostNorms: Float64Array
  readonly #donorNorms: Float64Array

  constructor(pair: RankedPair) {
    this.#pair = pair
    this.deltaSse = new Float64Array(pair.donor.dSae)
    this.#hostNorms = squaredNorms(pair.base)
    this.#donorNorms = squaredNorms(pair.donor)
  }

  /** @param hostCodes what the host keeps; @param donorCodes ReLU of every pre-activation of the donor */
  take(x: Float32Array, hostCodes: SparseCodes, donorCodes: SparseCodes): void {
    const { base, donor, k } = this.#pair
    const { dIn } = base
    const residual = residualOf(base, hostCodes, x)
    for (let t = 0; t < hostCodes.rows; t++) {
      const out = smallestKept(hostCodes, t, k)
      const v = out?.value ?? 0
      const leaving = out
        ? 2 * v * along(residual, t, base.decoder, out.feature, dIn) + v * v * this.#hostNorms[out.feature]
        : 0
      for (let e = donorCodes.start[t]; e < donorCodes.start[t + 1]; e++) {
        const [j, a] = [donorCodes.feature[e], donorCodes.value[e]]
        if (a <= v) continue
        const crossing = out ? along(base.decoder, out.feature, donor.decoder, j, dIn) : 0
        const entering = a * (a * this.#donorNorms[j] - 2 * along(residual, t, donor.decoder, j, dIn))
        this.deltaSse[j] += entering + leaving - 2 * a * v * crossing
      }
    }
  }
}
