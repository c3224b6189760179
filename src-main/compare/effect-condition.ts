import type { Comparison } from '#contract/compare.ts'
import type { SaeWeights } from '../sae/weights.ts'
import type { Workspace } from '../store/workspace.ts'

const perToken = ({ normalizeActivations }: SaeWeights): boolean =>
  normalizeActivations === 'layer_norm' || normalizeActivations === 'constant_norm_rescale'

/** Why adding features of B to A means nothing here; null where it does. */
export function whyNoEffect(
  workspace: Workspace,
  comparison: Comparison,
  a: SaeWeights,
  b: SaeWeights,
): string | null {
  if (a.dIn !== b.dIn) return `A reconstructs ${a.dIn} values, B ${b.dIn}`
  if (comparison.settings.bActivationSetId) return 'A and B have different activations'
  const [hookA, hookB] = [comparison.aId, comparison.bId].map((id) => workspace.saes.get(id).hookName)
  if (hookA !== null && hookB !== null && hookA !== hookB) return `A is of ${hookA}, B of ${hookB}`
  if (perToken(a) || perToken(b))
    return 'the inputs are normalised per token, so features cannot stand on their own'
  return null
}
