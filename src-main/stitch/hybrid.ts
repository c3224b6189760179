import type { SaeWeights } from '../sae/weights.ts'
import { combine } from './combine.ts'

/** Where each feature of a hybrid comes from. */
export interface HybridOrigins {
  /** [features] true for the donor. */
  fromDonor: Uint8Array
  /** [features] the number it has there. */
  feature: Int32Array
}

/** Features of the base first, then the donor's, each ascending. */
export function originsOf(inHybrid: Uint8Array, baseCount: number): HybridOrigins {
  const candidates = Int32Array.from(inHybrid.keys().filter((k) => inHybrid[k]))
  return {
    fromDonor: Uint8Array.from(candidates, (k) => (k < baseCount ? 0 : 1)),
    feature: candidates.map((k) => (k < baseCount ? k : k - baseCount)),
  }
}

/** The hybrid as an SAE of its own: self-contained features of both, and the base's b_dec. */
export function hybridWeights(base: SaeWeights, donor: SaeWeights, origins: HybridOrigins): SaeWeights {
  const of = (donorSide: 0 | 1): Int32Array =>
    origins.feature.filter((_, n) => origins.fromDonor[n] === donorSide)
  return combine(
    [
      { weights: base, features: of(0) },
      { weights: donor, features: of(1) },
    ],
    base.bDec,
  )
}
