import type { ConceptMatch, Demo } from '#contract/demo.ts'
import type { SaeId } from '#contract/ids.ts'
import type { Stitch } from '#contract/stitch.ts'

export interface FoundFeature extends ConceptMatch {
  saeId: SaeId
}
/** Concepts of which one can say "what an animal is", the most telling first. */
const THINGS = ['weekday', 'colour', 'month', 'animal', 'place', 'person']
/** From here on a feature is plainly about one thing. */
const WELL_FOUND = 0.9

/**
 * The feature that the path begins with: of the first concept that some SAE finds well, or whichever is found best. What
 * a newcomer sees first must plainly be about one thing.
 */
export function featureToShow({ concepts }: Demo): FoundFeature | null {
  const all = concepts.flatMap(({ saeId, matches }) => matches.map((match) => ({ saeId, ...match })))
  const found = all.filter(({ feature }) => feature >= 0).sort((x, y) => y.f1 - x.f1)
  const telling = THINGS.map((thing) =>
    found.find(({ concept, f1 }) => concept === thing && f1 >= WELL_FOUND),
  )
  return (
    telling.find((one) => one !== undefined) ??
    found.find(({ concept }) => THINGS.includes(concept)) ??
    found[0] ??
    null
  )
}

/** The bench of the first two SAEs, the wider as the donor, if there is one. */
export const benchOf = ({ saeIds }: Demo, stitches: readonly Stitch[]): Stitch | undefined =>
  stitches.find(({ baseId, donorId }) => baseId === saeIds[0] && donorId === saeIds[1])

/** The feature outside the hybrid, numbered within the donor, that lowers the error most; null where none does. */
export function bestToAdd(
  baseCount: number,
  { inHybrid, deltaMse }: { inHybrid: Uint8Array; deltaMse: Float64Array },
): number | null {
  let best: number | null = null
  for (let c = baseCount; c < deltaMse.length; c++)
    if (inHybrid[c] === 0 && deltaMse[c] < (best === null ? 0 : deltaMse[best + baseCount]))
      best = c - baseCount
  return best
}
