import type { ActivationSet } from '#contract/activation-set.ts'
import type { Sae } from '#contract/sae.ts'

/** A place of a model whose activations some of the chosen SAEs need. */
export interface Need {
  key: string
  modelId: Sae['modelId']
  modelName: string | null
  hookName: string | null
  dIn: number
  /** How many of the chosen SAEs. */
  count: number
}

/** What the SAEs need to be run on: one entry a model and hook point. */
export function needsOf(saes: readonly Sae[]): Need[] {
  const needs = new Map<string, Need>()
  for (const { modelId, modelName, hookName, dIn } of saes) {
    const key = `${modelId ?? modelName ?? ''} ${hookName ?? ''} ${dIn}`
    const need = needs.get(key) ?? { key, modelId, modelName, hookName, dIn, count: 0 }
    needs.set(key, { ...need, count: need.count + 1 })
  }
  return [...needs.values()]
}

export const fits = (need: Need, set: ActivationSet): boolean =>
  set.complete &&
  set.dIn === need.dIn &&
  (need.hookName === null || set.hookName === need.hookName) &&
  (need.modelId === null || set.modelId === null || set.modelId === need.modelId)

/** May be over the same tokens, by all that is known without reading them. */
const mayShareTokens = (a: ActivationSet, b: ActivationSet): boolean =>
  a.tokens === b.tokens &&
  a.contextSize === b.contextSize &&
  a.hasTokens === b.hasTokens &&
  a.corpusId === b.corpusId

/** One set for each need, by its key, all over the same tokens; newest first. null where there are none such. */
export function suggestedSets(
  needs: readonly Need[],
  sets: readonly ActivationSet[],
): Record<string, ActivationSet> | null {
  if (needs.length === 0) return null
  const newest = sets.toReversed()
  for (const first of newest.filter((set) => fits(needs[0], set))) {
    const found = needs.map((need) =>
      need === needs[0] ? first : newest.find((set) => fits(need, set) && mayShareTokens(first, set)),
    )
    if (found.every((set) => set !== undefined))
      return Object.fromEntries(needs.map(({ key }, n) => [key, found[n]]))
  }
  return null
}
