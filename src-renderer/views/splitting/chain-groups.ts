import type { SaeId } from '#contract/ids.ts'
import type { Sae } from '#contract/sae.ts'

/** SAEs that can be one chain: those that read the same hook point of the same model. */
export interface ChainGroup {
  key: string
  label: string
  saes: Sae[]
}

/** The groups with at least two SAEs, the largest first; SAEs narrowest first. */
export function chainGroups(saes: readonly Sae[]): ChainGroup[] {
  const groups = new Map<string, ChainGroup>()
  for (const sae of saes) {
    if (!sae.complete) continue
    const key = [sae.modelId ?? sae.modelName ?? '', sae.hookName ?? '', sae.dIn].join(' ')
    const label = [sae.hookName ?? `${sae.dIn} values`, sae.modelName ?? ''].filter(Boolean).join(' of ')
    const group = groups.get(key) ?? { key, label, saes: [] }
    group.saes.push(sae)
    groups.set(key, group)
  }
  return [...groups.values()]
    .filter((group) => group.saes.length > 1)
    .map((group) => ({ ...group, saes: group.saes.toSorted((x, y) => x.dSae - y.dSae) }))
    .sort((x, y) => y.saes.length - x.saes.length)
}

export const idsIn = (text: string | undefined): SaeId[] => (text ?? '').split(',').filter(Boolean) as SaeId[]
