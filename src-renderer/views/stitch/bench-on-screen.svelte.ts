import type { ComparisonArrays } from '#contract/compare.ts'
import type { ComparisonId } from '#contract/ids.ts'
import type { BenchState, CandidateEffects, HybridMetrics, Stitch, StitchEdit } from '#contract/stitch.ts'
import {
  spanningForest,
  swapComponents,
  type CosineEdges,
  type SwapComponents,
} from '#contract/swap-graph.ts'
import { engine } from '../../rpc.ts'
import { guide } from '../../state/guide.svelte.ts'
import { attempt } from '../../state/notices.svelte.ts'
import {
  addEdit,
  afterToggle,
  candidateOf,
  toggleEdit,
  type Origin,
  type Parent,
  type Picked,
} from './candidates.ts'

/** What a drop would give, while something hangs over the hybrid. */
export interface Hanging {
  title: string
  after: HybridMetrics
}

/** Cosines between the two parents, once they are compared. */
export interface Compared {
  id: ComparisonId
  edges: CosineEdges
  forest: CosineEdges
}

export const comparedOf = (id: ComparisonId, arrays: ComparisonArrays, stitch: Stitch): Compared | null =>
  arrays.cosine && {
    id,
    edges: arrays.cosine.edges,
    forest: spanningForest(arrays.cosine.edges, stitch.baseCount, stitch.donorCount),
  }

/** A bench as the window shows it: the engine's state, the effect of every candidate, and what hangs over the hybrid. */
export class BenchOnScreen {
  readonly stitch: Stitch
  readonly dIn: number
  readonly base: Parent
  readonly donor: Parent
  readonly compared: Compared | null
  state = $state.raw<BenchState>()!
  effects = $state.raw<CandidateEffects | null>(null)
  threshold = $state(0.7)
  picked = $state.raw<Picked | null>(null)
  hanging = $state.raw<Hanging | null>(null)
  busy = $state(false)
  #asked = 0

  readonly components: SwapComponents | null = $derived.by(() =>
    this.compared
      ? swapComponents(this.compared.forest, this.base.count, this.donor.count, this.threshold)
      : null,
  )
  /** Features of the donor that are novel at the threshold and not in the hybrid yet. */
  readonly novelOutside = $derived.by(() => {
    const { maxCosine } = this.donor
    const all = maxCosine ? Array.from(maxCosine.keys()) : []
    return all.filter((feature) => maxCosine![feature] <= this.threshold && !this.isIn('donor', feature))
  })

  constructor(
    stitch: Stitch,
    parents: { base: Parent; donor: Parent; dIn: number; compared: Compared | null },
    state: BenchState,
    effects: CandidateEffects,
  ) {
    this.stitch = stitch
    this.base = parents.base
    this.donor = parents.donor
    this.dIn = parents.dIn
    this.compared = parents.compared
    this.state = state
    this.effects = effects
  }

  parent(origin: Origin): Parent {
    return origin === 'base' ? this.base : this.donor
  }
  candidate(origin: Origin, feature: number): number {
    return candidateOf(origin, feature, this.base.count)
  }
  isIn(origin: Origin, feature: number): boolean {
    return this.effects?.inHybrid[this.candidate(origin, feature)] === 1
  }
  nameOf(origin: Origin, feature: number): string {
    return `${feature} ${this.parent(origin).labels.get(feature) ?? ''}`.trim()
  }

  editFor(picked: Picked): StitchEdit {
    return toggleEdit(
      picked,
      (feature) => this.isIn(picked.origin, feature),
      (feature) => this.nameOf(picked.origin, feature),
    )
  }

  /** Shows what a drop would give: at once for one feature, exactly by the engine for several. */
  async hang(edit: StitchEdit, single?: Picked): Promise<void> {
    const asked = ++this.#asked
    const one = single?.features.length === 1 ? single.features[0] : null
    if (single && one !== null && this.effects) {
      const candidate = this.candidate(single.origin, one)
      this.hanging = {
        title: edit.title,
        after: afterToggle(this.state.metrics, this.effects, candidate, this.dIn),
      }
      return
    }
    const { after } = await engine.stitch.preview({ id: this.stitch.id, edit })
    if (asked === this.#asked) this.hanging = { title: edit.title, after }
  }
  letGo(): void {
    this.#asked++
    this.hanging = null
  }

  apply(edit: StitchEdit): Promise<void> {
    return this.#move(() => engine.stitch.apply({ id: this.stitch.id, edit }))
  }
  drop(picked: Picked): Promise<void> {
    return this.apply(this.editFor(picked))
  }
  addNovel(): Promise<void> {
    const features = Int32Array.from(this.novelOutside)
    return this.apply(addEdit(`add all ${features.length} novel (≤ ${this.threshold.toFixed(2)})`, features))
  }
  undo(): Promise<void> {
    return this.#move(() => engine.stitch.undo({ id: this.stitch.id }))
  }
  redo(): Promise<void> {
    return this.#move(() => engine.stitch.redo({ id: this.stitch.id }))
  }
  goTo(point: number): Promise<void> {
    return this.#move(() => engine.stitch.goTo({ id: this.stitch.id, point }))
  }
  walkTo(step: number): Promise<void> {
    return this.#move(() => engine.stitch.walkTo({ id: this.stitch.id, step }))
  }
  async nameVersion(name: string): Promise<void> {
    await attempt(async () => {
      this.state = await engine.stitch.nameVersion({ id: this.stitch.id, name })
    })
  }

  /** One change: the numbers settle on what was shown while it hung, then the effects of every candidate follow. */
  async #move(change: () => Promise<{ after: HybridMetrics; point: number }>): Promise<void> {
    this.busy = true
    await attempt(async () => {
      const { after, point } = await change()
      guide.errorMoved(this.state.metrics.mse, after.mse)
      this.state = { ...this.state, metrics: after, point }
      this.letGo()
      const { id } = this.stitch
      const [state, effects] = await Promise.all([engine.stitch.state({ id }), engine.stitch.effects({ id })])
      this.state = state
      this.effects = effects
    })
    this.letGo()
    this.busy = false
  }
}
