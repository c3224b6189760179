import { untrack } from 'svelte'
import type { Comparison } from '#contract/compare.ts'
import type { FeatureIndex } from '#contract/feature-index.ts'
import type { FeatureTable } from '#contract/feature.ts'
import type { SaeId } from '#contract/ids.ts'
import type { FeatureLabel, LabelChange } from '#contract/label.ts'
import { engine } from '../rpc.ts'
import { labelsOf, NO_LABELS, NO_NUMBERS, numbersOf, setOf, tagsInUse, withLabels } from './feature-labels.ts'
import { FeaturePages } from './feature-pages.ts'
import { filterFeatures, sortFeatures, type FeatureStatistics } from './feature-order.ts'
import { readView, writeView, type FeatureView, type ViewChange } from './feature-view.ts'
import { jobs } from './jobs.svelte.ts'
import { load, type Loaded } from './loaded.svelte.ts'
import { attempt } from './notices.svelte.ts'
import { route } from './route.svelte.ts'
import { settings } from './settings.svelte.ts'

const goesByLabels = ({ sort, filter }: FeatureView): boolean =>
  sort.column === 'label' || filter.tag !== '' || !['all', 'firing', 'dead'].includes(filter.shown)

/** Largest decoder cosine of each feature of one of the two SAEs with the other's. */
async function maxCosineOf(
  { id, bId }: Comparison,
  saeId: SaeId,
  signal: AbortSignal,
): Promise<Float32Array | null> {
  const { cosine } = await engine.compare.arrays({ id }, { signal })
  if (!cosine) return null
  const { k, value } = saeId === bId ? cosine.bToA : cosine.aToB
  return value.filter((_, i) => i % k === 0)
}

/**
 * The features of one SAE as this window looks through them: statistics, labels, the list in its order, the one that is
 * open. How they are looked through is in the address. Make it while a component is being set up.
 */
export class FeatureBrowser {
  readonly #saeId: () => SaeId
  readonly #feature: () => number | null
  readonly indexes: Loaded<FeatureIndex[]>
  readonly table: Loaded<FeatureTable>
  labels = $state.raw(NO_LABELS)
  readonly #labels: Loaded<FeatureLabel[]>
  /** Finished comparisons of its directions with another SAE's. */
  readonly comparisons: Loaded<Comparison[]>
  readonly #maxCosine: Loaded<Float32Array | null>
  readonly #found: Loaded<ReadonlySet<number>>
  /** Features chosen on the map; null: no choice, all of them. */
  chosen = $state.raw<ReadonlySet<number> | null>(null)
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
    if (text === '') return this.chosen
    return /^\d+$/.test(text) ? setOf([Number(text)]) : (this.#found.value ?? NO_NUMBERS)
  })
  readonly comparison: Comparison | undefined = $derived.by(() =>
    this.comparisons.value?.find(({ id }) => id === this.view.against),
  )
  readonly statistics: FeatureStatistics | undefined = $derived.by(() => {
    const table = this.table.value
    return table && { ...table, maxCosine: this.comparison ? (this.#maxCosine.value ?? null) : null }
  })
  /** Sorting and filters as text, which stays the same while they do: 100,000 features are sorted only when asked to. */
  readonly #listing = $derived(JSON.stringify([this.view.sort, this.view.filter]))
  /** The numbers of the features that pass the filters, sorted. */
  readonly order: number[] = $derived.by(() => {
    const table = this.statistics
    if (!table) return []
    void this.#listing
    const view = untrack(() => this.view)
    const { sort, filter } = view
    // Labels are read only where the list depends on them: an edit must not sort 100,000 features again.
    const labels = goesByLabels(view) ? this.labels : NO_LABELS
    const passing = filterFeatures(table, { ...filter, only: this.#only }, labels)
    return Array.from(sortFeatures(passing, table, sort.column, sort.descending, labels))
  })
  readonly pages = new FeaturePages()
  readonly tags: string[] = $derived(tagsInUse(this.labels))

  constructor(saeId: () => SaeId, feature: () => number | null) {
    this.#saeId = saeId
    this.#feature = feature
    this.indexes = load((signal) => engine.features.indexes({ saeId: saeId() }, { signal }))
    this.table = load((signal) => {
      const index = this.index
      return index && index.tokens > 0 ? engine.features.table({ indexId: index.id }, { signal }) : undefined
    })
    this.#labels = load((signal) => engine.labels.list({ saeId: saeId() }, { signal }))
    this.comparisons = load((signal) =>
      engine.compare
        .list({}, { signal })
        .then((all) =>
          all.filter((one) => one.complete && one.cosine && (one.aId === saeId() || one.bId === saeId())),
        ),
    )
    this.#maxCosine = load((signal) => {
      const { comparison } = this
      return comparison && maxCosineOf(comparison, saeId(), signal)
    })
    this.#found = load((signal) => {
      const text = this.view.text.trim()
      if (text === '' || /^\d+$/.test(text)) return undefined
      const found = engine.labels.search({ saeId: saeId(), text, limit: 100_000 }, { signal })
      return found.then(numbersOf)
    })
    $effect(() => {
      this.labels = labelsOf(this.#labels.value ?? [])
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

  /** Keeps the list to these, whatever else it is filtered by; null: no longer. */
  choose(features: readonly number[] | null): void {
    this.chosen = features && setOf(features)
  }

  /** Where a feature is shown, the list as it is. */
  path = (feature: number): string => `/sae/${this.saeId}/feature/${feature}`
  open(feature: number): void {
    route.go(this.path(feature), route.query)
  }

  /** The feature so many places further in the list; undefined past its ends. */
  at(by: number): number | undefined {
    const { order, feature } = this
    const at = feature === null ? -1 : order.indexOf(feature)
    return at < 0 ? order.at(by > 0 ? 0 : -1) : order[at + by]
  }
  step(by: number): void {
    const to = this.at(by)
    if (to !== undefined) this.open(to)
  }

  label(feature: number): FeatureLabel | undefined {
    return this.labels.get(feature)
  }

  /** Writes at once; what the engine answers is what is shown. */
  edit(feature: number, change: LabelChange): Promise<boolean> {
    return attempt(async () => {
      const label = await engine.labels.edit({ saeId: this.saeId, feature, change, ...this.#author() })
      this.labels = withLabels(this.labels, [label])
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
      this.labels = withLabels(this.labels, changed)
      if (changed.length === 1 && changed[0].feature !== this.feature) this.open(changed[0].feature)
    })
  }

  #author(): { author?: string } {
    return settings.labelAuthor === '' ? {} : { author: settings.labelAuthor }
  }
}
