import { SvelteSet } from 'svelte/reactivity'
import type { ActivationSetId, SaeId } from '#contract/ids.ts'
import type { Sae } from '#contract/sae.ts'
import { things } from '../../state/things.svelte.ts'
import { needsOf, suggestedSets } from './suggested-sets.ts'

export const MOST_SAES = 64

/** Which SAEs a report is to be made of, and on what. */
export class SaeChoice {
  text = $state('')
  /** Empty: any. */
  model = $state('')
  hookName = $state('')
  architecture = $state('')
  readonly chosen = new SvelteSet<SaeId>()
  readonly baselines = new SvelteSet<SaeId>()
  /** What a person chose in place of the suggestion, by need. */
  #sets = $state<Record<string, ActivationSetId>>({})

  readonly all = $derived(things.saes.filter(({ complete }) => complete))
  readonly shown = $derived(
    this.all.filter(
      (sae) =>
        (this.model === '' || modelOf(sae) === this.model) &&
        (this.hookName === '' || hookOf(sae) === this.hookName) &&
        (this.architecture === '' || sae.architecture === this.architecture) &&
        this.text
          .toLowerCase()
          .split(/\s+/)
          .every((word) => sae.name.toLowerCase().includes(word)),
    ),
  )
  readonly saes = $derived(this.all.filter(({ id }) => this.chosen.has(id)))
  readonly needs = $derived(needsOf(this.saes))
  readonly suggested = $derived(suggestedSets(this.needs, things.activations))

  /** The set for a need; null where there is none over the same tokens as the others. */
  setFor(key: string): ActivationSetId | null {
    return this.#sets[key] ?? this.suggested?.[key]?.id ?? null
  }
  useSet(key: string, id: ActivationSetId): void {
    this.#sets[key] = id
  }
  /** One for each need; null where one is missing. */
  readonly activationSetIds = $derived.by(() => {
    const ids = this.needs.map(({ key }) => this.setFor(key))
    return ids.every((id) => id !== null) && ids.length > 0
      ? ids.filter((id, n) => ids.indexOf(id) === n)
      : null
  })

  toggle(id: SaeId): void {
    if (this.chosen.delete(id)) this.baselines.delete(id)
    else if (this.chosen.size < MOST_SAES) this.chosen.add(id)
  }
  toggleBaseline(id: SaeId): void {
    if (this.baselines.delete(id)) return
    if (!this.chosen.has(id)) this.toggle(id)
    if (this.chosen.has(id)) this.baselines.add(id)
  }
  chooseShown(): void {
    for (const { id } of this.shown) if (this.chosen.size < MOST_SAES) this.chosen.add(id)
  }
  clear(): void {
    this.chosen.clear()
    this.baselines.clear()
  }
}

export const modelOf = (sae: Sae): string =>
  sae.modelId ? things.nameOf(sae.modelId) : (sae.modelName ?? 'not known')
export const hookOf = (sae: Sae): string => sae.hookName ?? 'not known'
