import { problem } from '#contract/problem.ts'
import type { StitchEdit } from '#contract/stitch.ts'

export interface CandidateCounts {
  baseCount: number
  donorCount: number
}

function checked(features: Int32Array, count: number, side: string): Int32Array {
  for (const j of features)
    if (j < 0 || j >= count)
      throw problem('bad-input', `feature ${j}`, `the ${side} has features 0 to ${count - 1}`)
  return features
}

/** The candidates an edit really changes, each once, ascending. @throws Problem naming a feature that does not exist. */
export function togglesOf(
  edit: StitchEdit,
  inHybrid: Uint8Array,
  { baseCount, donorCount }: CandidateCounts,
): Int32Array {
  const wanted = new Map<number, number>()
  const want = (features: Int32Array, shift: number, state: 0 | 1): void =>
    features.forEach((j) => wanted.set(j + shift, state))
  want(checked(edit.base.remove, baseCount, 'base'), 0, 0)
  want(checked(edit.donor.remove, donorCount, 'donor'), baseCount, 0)
  want(checked(edit.base.add, baseCount, 'base'), 0, 1)
  want(checked(edit.donor.add, donorCount, 'donor'), baseCount, 1)
  return Int32Array.from(wanted.keys().filter((k) => inHybrid[k] !== wanted.get(k))).sort()
}

/** The edit that leads from one membership to another. */
export function editBetween(
  title: string,
  from: Uint8Array,
  to: Uint8Array,
  { baseCount }: CandidateCounts,
): StitchEdit {
  const changed = Int32Array.from(from.keys().filter((k) => from[k] !== to[k]))
  const pick = (side: 'base' | 'donor', state: 0 | 1): Int32Array =>
    changed
      .filter((k) => k < baseCount === (side === 'base') && to[k] === state)
      .map((k) => (side === 'base' ? k : k - baseCount))
  return {
    title,
    base: { add: pick('base', 1), remove: pick('base', 0) },
    donor: { add: pick('donor', 1), remove: pick('donor', 0) },
  }
}
