import type { HookPoint } from '#contract/model.ts'
import type { Stage } from './row-crew.ts'

/** The block before which a hook point is: a run to it, or from it, has those before, or from there. */
const blockAt = ({ name, layer }: HookPoint): number =>
  layer === null ? 0 : layer + (name.endsWith('hook_resid_pre') ? 0 : 1)

/**
 * A passage in two, cut before the block in its middle: the second begins at the residual stream that the first ends
 * at. One alone where there is no block on either side.
 * @param points all hook points of the model, in the order in which data passes them
 */
export function halves(points: readonly HookPoint[], passage: Stage['passage']): Stage['passage'][] {
  const { given, wanted } = passage
  const [begin, end] = [blockAt(given), Math.max(...wanted.map(blockAt))]
  const middle = Math.floor((begin + end) / 2)
  const cut = points.findIndex(({ name }) => name === `blocks.${middle}.hook_resid_pre`)
  const at = ({ name }: HookPoint): number => points.findIndex((point) => point.name === name)
  const later = wanted.filter((point) => at(point) > cut)
  if (middle <= begin || later.length === 0) return [passage]
  const earlier = wanted.filter((point) => at(point) < cut)
  return [
    { ...passage, wanted: [...earlier, points[cut]] },
    { ...passage, given: points[cut], wanted: later },
  ]
}
