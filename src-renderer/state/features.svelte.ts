import { SvelteMap } from 'svelte/reactivity'
import type { FeatureIndex } from '#contract/feature-index.ts'
import type { FeatureTable } from '#contract/feature.ts'
import type { SaeId } from '#contract/ids.ts'
import type { FeatureLabel, LabelChange } from '#contract/label.ts'
import { engine } from '../rpc.ts'
import { filterFeatures, sortFeatures } from './feature-order.ts'
import { readView, writeView, type FeatureView, type ViewChange } from './feature-view.ts'
import { jobs } from './jobs.svelte.ts'
import { load, type Loaded } from './loaded.svelte.ts'
import { attempt } from './notices.svelte.ts'
import { route } from './route.svelte.ts'
import { settings } from './settings.svelte.ts'

const isSaid = (label: FeatureLabel): boolean =>
  label.label !== '' ||
  label.notes !== '' ||
  label.tags.length > 0 ||
  label.starred ||
  label.uninterpretable ||
  label.confidence !== null

/**
 * The features of one SAE as this window looks through them: statistics, labels, the list in its order, the one that is
 * open. How they are looked through is in the address. Make it while a component is being set up.
 */
export class FeatureBrowser {
  readonly #saeId: () => SaeId
  readonly #feature: () => number | null
  readonly indexes: Loaded<FeatureIndex[]>
  readonly table: Loaded<FeatureTable>
  readonly labels = new SvelteMap<number, FeatureLabel>()
  readonly #labels: Loaded<FeatureLabel[]>
  readonly #found: Loaded<Set<number>>
  readonly view: FeatureView = $derived(readView(route.query))
  /** The index that is looked at; undefined while it is not known, or when there is none. */
  readonly index: FeatureIndex | undefined = $derived.by(() => {
    const all = this.indexes.value ?? []
    return (
      all.find(({ id }) => id === this.view.index) ?? all.findLast(({ tokens }) => tokens > 0) ?? all.at(-1)
    )
  })
  readonly #only = $derived.by((): ReadonlySet<number> | null => {
    const text = this.view.text.trim()
    if (text === '') return null
    return /^\d+$/.test(text) ? new Set([Number(text)]) : (this.#found.value ?? new Set())
  })
  /** The numbers of the features that pass the filters, sorted. */
  readonly order: number[] = $derived.by(() => {
    const table = this.table.value
    if (!table) return []
    const { sort, filter } = this.view
    const passing = filterFeatures(table, { ...filter, only: this.#only }, this.labels)
    return Array.from(sortFeatures(passing, table, sort.column, sort.descending, this.labels))
  })
  /** Every tag in use, the most used first. */
  readonly tags: string[] = $derived.by(() => {
    const times = new Map<string, number>()
    for (const { tags } of this.labels.values())
      for (const tag of tags) times.set(tag, (times.get(tag) ?? 0) + 1)
    return [...times].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([tag]) => tag)
  })

  constructor(saeId: () => SaeId, feature: () => number | null) {
    this.#saeId = saeId
    this.#feature = feature
    this.indexes = load((signal) => engine.features.indexes({ saeId: saeId() }, { signal }))
    this.table = load((signal) => {
      const index = this.index
      return index && index.tokens > 0 ? engine.features.table({ indexId: index.id }, { signal }) : undefined
    })
    this.#labels = load((signal) => engine.labels.list({ saeId: saeId() }, { signal }))
    this.#found = load((signal) => {
      const text = this.view.text.trim()
      if (text === '' || /^\d+$/.test(text)) return undefined
      const found = engine.labels.search({ saeId: saeId(), text, limit: 100_000 }, { signal })
      return found.then((list) => new Set(list.map(({ feature }) => feature)))
    })
    $effect(() => {
      const list = this.#labels.value ?? []
      this.labels.clear()
      for (const label of list) this.labels.set(label.feature, label)
    })
    // An index that grows or is done has other numbers.
    $effect(() =>
      jobs.onChange((job, before) => {
        if (job.kind === 'index' && before?.state !== job.state) this.indexes.again()
      }),
    )
  }

  get saeId(): SaeId {
    return this.#saeId()
  }
  /** The feature that is open. */
  get feature(): number | null {
    return this.#feature()
  }

  look(change: ViewChange): void {
    route.refine(writeView(change))
  }

  /** Where a feature is shown, the list as it is. */
  path = (feature: number): string => `/sae/${this.saeId}/feature/${feature}`
  open(feature: number): void {
    route.go(this.path(feature), route.query)
  }

  /** Opens the feature so many places further in the list. */
  step(by: number): void {
    const { order, feature } = this
    if (order.length === 0) return
    const at = feature === null ? -1 : order.indexOf(feature)
    const to = at < 0 ? (by > 0 ? 0 : order.length - 1) : at + by
    if (to >= 0 && to < order.length) this.open(order[to])
  }

  label(feature: number): FeatureLabel | undefined {
    return this.labels.get(feature)
  }

  /** Writes at once; what the engine answers is what is shown. */
  edit(feature: number, change: LabelChange): Promise<boolean> {
    return attempt(async () => {
      this.#put(await engine.labels.edit({ saeId: this.saeId, feature, change, ...this.#author() }))
    })
  }
  undo = (): Promise<boolean> => this.#again('undo')
  redo = (): Promise<boolean> => this.#again('redo')

  /** Reads all labels again: after a file was imported. */
  labelsChanged(): void {
    this.#labels.again()
  }

  #again(verb: 'undo' | 'redo'): Promise<boolean> {
    return attempt(async () => {
      const { changed } = await engine.labels[verb]({ saeId: this.saeId, ...this.#author() })
      for (const label of changed) this.#put(label)
      if (changed.length === 1 && changed[0].feature !== this.feature) this.open(changed[0].feature)
    })
  }

  #put(label: FeatureLabel): void {
    if (isSaid(label)) this.labels.set(label.feature, label)
    else this.labels.delete(label.feature)
  }

  #author(): { author?: string } {
    return settings.labelAuthor === '' ? {} : { author: settings.labelAuthor }
  }
}
