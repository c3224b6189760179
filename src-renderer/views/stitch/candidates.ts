import type { SaeId } from '#contract/ids.ts'
import type { CandidateEffects, HybridMetrics, StitchEdit } from '#contract/stitch.ts'

/** The two SAEs of a bench: the base (A, the host) and the donor (B). */
export type Origin = 'base' | 'donor'
export interface Parent {
  origin: Origin
  saeId: SaeId
  count: number
  labels: Map<number, string>
  /** [count] largest decoder cosine with a feature of the other parent; null until the two are compared. */
  maxCosine: Float32Array | null
}

/** Features of one parent, as they are picked, dragged and dropped together. */
export interface Picked {
  origin: Origin
  features: number[]
}

/** A candidate's number among the effects: the base's features first, then the donor's. */
export const candidateOf = (origin: Origin, feature: number, baseCount: number): number =>
  origin === 'base' ? feature : baseCount + feature

const NONE = { add: new Int32Array(0), remove: new Int32Array(0) }

/** What toggling these features is called, and what it changes: those outside come in, those inside go. */
export function toggleEdit(
  { origin, features }: Picked,
  isIn: (feature: number) => boolean,
  nameOf: (feature: number) => string,
): StitchEdit {
  const remove = Int32Array.from(features.filter(isIn))
  const add = Int32Array.from(features.filter((feature) => !isIn(feature)))
  const verb = remove.length === 0 ? 'add' : add.length === 0 ? 'remove' : 'change'
  const side = origin === 'base' ? 'A' : 'B'
  const title =
    features.length === 1 ? `${verb} ${side} ${nameOf(features[0])}` : `${verb} ${features.length} of ${side}`
  return { title, base: NONE, donor: NONE, [origin]: { add, remove } }
}

const isSameList = (x: Int32Array, y: Int32Array): boolean =>
  x.length === y.length && x.every((feature, n) => feature === y[n])

/** Whether two edits take the same features in and out. */
export const isSameEdit = (x: StitchEdit, y: StitchEdit): boolean =>
  isSameList(x.base.add, y.base.add) &&
  isSameList(x.base.remove, y.base.remove) &&
  isSameList(x.donor.add, y.donor.add) &&
  isSameList(x.donor.remove, y.donor.remove)

/** A component as one swap: its parents go, its children come. */
export const swapEdit = (a: readonly number[], b: readonly number[]): StitchEdit => ({
  title: `swap ${a.length} of A for ${b.length} of B`,
  base: { add: new Int32Array(0), remove: Int32Array.from(a) },
  donor: { add: Int32Array.from(b), remove: new Int32Array(0) },
})

export const addEdit = (title: string, features: Int32Array): StitchEdit => ({
  title,
  base: NONE,
  donor: { add: features, remove: new Int32Array(0) },
})

/**
 * The hybrid's metrics after one candidate is toggled, exactly, from the effects that were sent once: MSE by its ΔMSE,
 * L0 by its firing rate, explained variance because it is 1 − MSE / variance on the same tokens.
 */
export function afterToggle(
  now: HybridMetrics,
  effects: CandidateEffects,
  candidate: number,
  dIn: number,
): HybridMetrics {
  const sign = effects.inHybrid[candidate] ? -1 : 1
  const density = effects.density[candidate]
  const mse = now.mse + effects.deltaMse[candidate]
  return {
    mse,
    explainedVariance:
      now.mse === 0 ? now.explainedVariance : 1 - (1 - now.explainedVariance) * (mse / now.mse),
    l0: now.l0 + sign * density,
    features: now.features + sign,
    parameters: now.parameters + sign * (2 * dIn + 1),
    dead: now.dead + (density === 0 ? sign : 0),
  }
}
