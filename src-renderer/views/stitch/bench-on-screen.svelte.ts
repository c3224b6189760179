import type { ComparisonArrays } from '#contract/compare.ts'
import type { ComparisonId } from '#contract/ids.ts'
import type {
  BenchState,
  CandidateEffects,
  HybridMetrics,
  Moved,
  Stitch,
  StitchEdit,
} from '#contract/stitch.ts'
import {
  spanningForest,
  swapComponents,
  type CosineEdges,
  type SwapComponents,
} from '#contract/swap-graph.ts'
import { painted } from '../../components/painted.ts'
import { engine } from '../../rpc.ts'
import { guide } from '../../state/guide.svelte.ts'
import { attempt } from '../../state/notices.svelte.ts'
import { things } from '../../state/things.svelte.ts'
import { USUAL_THRESHOLD } from '../compare/comparison-state.svelte.ts'
import {
  addEdit,
  afterToggle,
  candidateOf,
  isSameEdit,
  toggleEdit,
  type Origin,
  type Parent,
  type Picked,
} from './candidates.ts'
import { lineTo } from './history-line.ts'
import { LossMeter } from './loss-meter.svelte.ts'

/** What a drop would give, while something hangs over the hybrid. */
export interface Hanging {
  edit: StitchEdit
  after: HybridMetrics
  /** null until the engine has counted it. */
  overPredicted: number | null
}
/** What is said of the hybrid: all of it of one and the same hybrid, at every moment. */
export interface Headline {
  metrics: HybridMetrics
  /** null until it is counted. */
  overPredicted: number | null
  /** The point of the history that this is; null while a change is on its way to the disk. */
  point: number | null
}
const headlineOf = (state: BenchState, effects: CandidateEffects): Headline => ({
  metrics: state.metrics,
  overPredicted: effects.point === state.point ? effects.overPredicted : null,
  point: state.point,
})
/** Over-predicted counts are asked for when something has hung this long. */
const HUNG_MS = 120
const REPLAY_MS = 450

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
  readonly loss: LossMeter
  headline = $state.raw<Headline>()!
  /** Where the engine was when it was last read: the history, and what every candidate would do. Behind for a frame or two. */
  state = $state.raw<BenchState>()!
  effects = $state.raw<CandidateEffects>()!
  threshold = $state(USUAL_THRESHOLD)
  picked = $state.raw<Picked | null>(null)
  hanging = $state.raw<Hanging | null>(null)
  busy = $state(false)
  /** Set to false to stop a replay where it is. */
  replaying = $state(false)
  /** Of what hangs now. */
  #counting: AbortController | null = null

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
    this.loss = new LossMeter(stitch.id)
    this.state = state
    this.effects = effects
    this.headline = headlineOf(state, effects)
  }

  /** The next-token loss needs the model that the activations are of, and their token ids. */
  get lossPossible(): boolean {
    const set = things.activations.find(({ id }) => id === this.stitch.evaluation.activationSetId)
    return set?.modelId != null && set.hasTokens
  }
  parent(origin: Origin): Parent {
    return origin === 'base' ? this.base : this.donor
  }
  candidate(origin: Origin, feature: number): number {
    return candidateOf(origin, feature, this.base.count)
  }
  isIn(origin: Origin, feature: number): boolean {
    return this.effects.inHybrid[this.candidate(origin, feature)] === 1
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
    this.#counting?.abort()
    const { signal } = (this.#counting = new AbortController())
    const one = single?.features.length === 1 ? single.features[0] : null
    const { metrics, point } = this.headline
    let after: HybridMetrics | undefined
    // Effects of another point would promise what the drop does not give.
    if (single && one !== null && this.effects.point === point)
      after = afterToggle(metrics, this.effects, this.candidate(single.origin, one), this.dIn)
    else after = (await engine.stitch.preview({ id: this.stitch.id, edit }).catch(() => null))?.after
    if (!after || signal.aborted) return
    this.hanging = { edit, after, overPredicted: null }
    setTimeout(() => void this.#count(edit, signal), HUNG_MS)
  }
  /** The over-predicted features of what hangs; nobody asked by name, so a failure is not worth a notice. */
  async #count(edit: StitchEdit, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const found = await engine.stitch
      .overPredicted({ id: this.stitch.id, edit }, { signal })
      .catch(() => null)
    if (found && !signal.aborted && this.hanging)
      this.hanging = { ...this.hanging, overPredicted: found.after }
  }
  letGo(): void {
    this.#counting?.abort()
    this.hanging = null
  }

  apply(edit: StitchEdit): Promise<void> {
    const promised = this.hanging && isSameEdit(this.hanging.edit, edit) ? this.hanging : null
    return this.#move(() => engine.stitch.apply({ id: this.stitch.id, edit }), promised)
  }
  drop(picked: Picked): Promise<void> {
    return this.apply(this.editFor(picked))
  }
  novelEdit(): StitchEdit {
    const features = Int32Array.from(this.novelOutside)
    return addEdit(`add all ${features.length} novel (≤ ${this.threshold.toFixed(2)})`, features)
  }
  /** Picks features, and shows what adding or removing them would give: what hovering is to a drag. */
  pick(picked: Picked): void {
    this.picked = picked
    if (!this.busy) void this.hang(this.editFor(picked), picked)
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
  /** Points from the base to where the hybrid is. */
  readonly line = $derived(lineTo(this.state.history, this.state.point))
  /** Walks the edits again, from the base to where the hybrid is. */
  async replay(): Promise<void> {
    const points = this.line
    this.replaying = true
    for (const point of points) {
      await this.goTo(point)
      if (!this.replaying) break
      await new Promise((resolve) => setTimeout(resolve, REPLAY_MS))
    }
    this.replaying = false
  }
  async nameVersion(name: string): Promise<void> {
    await attempt(async () => {
      this.state = await engine.stitch.nameVersion({ id: this.stitch.id, name })
    })
  }

  /**
   * One change: the headline settles at once on what was shown while it hung, which is exact, then on the engine's answer;
   * when that is painted, everything that follows from it is read and drawn. Where the engine refuses, all is as before.
   * Where it took the change and only the reading after it failed, the change stands, and what is tried again is the reading
   * alone.
   */
  async #move(change: () => Promise<Moved>, promised: Hanging | null = null): Promise<void> {
    const before = this.headline
    const overPredicted = promised?.overPredicted ?? null
    this.busy = true
    this.headline = promised
      ? { metrics: promised.after, overPredicted, point: null }
      : { ...before, point: null }
    this.letGo()
    const shown = painted()
    const taken = await attempt(async () => {
      const { point, after } = await change()
      guide.errorMoved(before.metrics.mse, after.mse)
      this.headline = { metrics: after, overPredicted, point }
      await attempt(() => this.read(shown))
    })
    if (!taken) this.headline = before
    this.busy = false
  }
  /** Reads everything anew, as after an engine that was started again; it is drawn when `shown` has resolved. */
  async read(shown?: Promise<void>): Promise<void> {
    const { id } = this.stitch
    const [state, effects] = await Promise.all([
      engine.stitch.state({ id }),
      engine.stitch.effects({ id }),
      shown,
    ])
    this.headline = headlineOf(state, effects)
    this.state = state
    this.effects = effects
  }
}
