import { setImmediate } from 'node:timers/promises'
import type { SaeId, StitchId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import {
  GreedyOrder,
  Reencoded,
  SplicedLosses,
  StitchPath,
  type BenchState,
  type CandidateEffects,
  type Change,
  type Moved,
  type StitchEdit,
  type TextErrors,
  type TokenErrors,
} from '#contract/stitch.ts'
import { openActivations } from '../activations/reader.ts'
import type { Workspace } from '../store/workspace.ts'
import { editBetween, togglesOf } from './edit.ts'
import { History } from './history.ts'
import { hybridWeights, originsOf } from './hybrid.ts'
import { openBench, type OpenBench } from './open-bench.ts'
import { membershipAtStep } from './path.ts'
import { saveBench } from './save-bench.ts'
import { readResult } from './stitch-file.ts'
import { TextMeasure } from './text-errors.ts'
import { Turns } from './turns.ts'

/** A count listens for its end so often. */
const COUNTS_FOR_MS = 8

const sameToggles = (x: Int32Array, y: Int32Array): boolean =>
  x.length === y.length && x.every((k, n) => k === y[n])

function tokensOfRow(tokenNumber: Int32Array, row: number, contextSize: number): number[] {
  const at: number[] = []
  for (let t = 0; t < tokenNumber.length; t++)
    if (Math.floor(tokenNumber[t] / contextSize) === row) at.push(t)
  return at
}

/** A bench that is being worked at: answers what the window asks, and writes every edit down before it answers. */
export class Session {
  readonly #open: OpenBench
  readonly #workspace: Workspace
  readonly #history: History
  readonly #turns = new Turns()
  #text: TextMeasure | null = null
  /** Where in the history the bench stands. */
  #point = 0
  /** The change worked out last. */
  #known: { point: number; toggles: Int32Array; change: Change } | null = null
  /** Over-predicted features of the base alone. */
  readonly #overPredictedBase: number

  private constructor(open: OpenBench, workspace: Workspace) {
    this.#open = open
    this.#workspace = workspace
    this.#history = new History(open.db)
    this.#history.begin(open.bench.metrics())
    this.#overPredictedBase = open.bench.overPredicted()
  }

  /** Opens a stitch and brings its bench to where its history ends. */
  static async open(workspace: Workspace, id: StitchId): Promise<Session> {
    const session = new Session(await openBench(workspace, id), workspace)
    await session.#settle()
    return session
  }

  async close(): Promise<void> {
    await this.#turns.take(async () => {
      await this.#text?.close()
      await this.#open.close()
    })
  }

  /** Brings the bench to the point where the history is: the last edit, or what another program did to the same stitch. */
  async #settle(): Promise<void> {
    const { head } = this.#history
    if (head === this.#point) return
    const toggles = this.#history.togglesBetween(this.#point, head)
    this.#point = head
    await this.#open.bench.toggle(toggles)
  }

  /** A change that is written down is answered at once; the effects of everything else follow when the answer is out. */
  #moved(change: Change, point: number): Moved {
    void this.#turns.take(async () => {
      await setImmediate()
      await this.#settle()
    })
    return { point, before: change.before, after: change.after }
  }

  goTo(point: number): Moved {
    const toggles = this.#history.togglesBetween(this.#point, point)
    const change = this.#change(toggles)
    this.#history.goTo(point)
    return this.#moved(change, point)
  }

  /** What toggling gives; asked again (a drop of what hung), it is not worked out again. */
  #change(toggles: Int32Array): Change {
    const { bench } = this.#open
    const known = this.#known
    if (known?.point === this.#point && sameToggles(known.toggles, toggles)) return known.change
    const before = bench.metrics()
    const change = { before, after: toggles.length > 0 ? bench.preview(toggles) : before }
    this.#known = { point: this.#point, toggles, change }
    return change
  }

  #togglesOf(edit: StitchEdit): Int32Array {
    return togglesOf(edit, this.#open.bench.inHybrid, this.#open.stitch)
  }

  state(): BenchState {
    const history = this.#history
    const point = history.head
    return {
      point,
      metrics: history.metrics(point),
      history: history.points(),
      versions: history.versions(),
      canUndo: history.undoPoint !== null,
      canRedo: history.redoPoint !== null,
    }
  }

  effects(): CandidateEffects {
    const { bench } = this.#open
    const { tokens } = bench.set
    const sse = bench.metrics().mse * tokens
    return {
      point: this.#history.head,
      inHybrid: bench.inHybrid.slice(),
      deltaMse: bench.effects(),
      density: Float32Array.from({ length: bench.candidates }, (_, k) => bench.fires(k) / tokens),
      explains: Float32Array.from(bench.energy, (energy, k) =>
        energy > 0 ? bench.projection[k] ** 2 / energy / sse : 0,
      ),
      overPredicted: bench.overPredicted(),
      overPredictedBase: this.#overPredictedBase,
    }
  }

  preview(edit: StitchEdit): Change {
    return this.#change(this.#togglesOf(edit))
  }

  /** Ends early when `signal` says that nobody waits any more: whoever lets go, or drops, does not wait for the count. */
  async overPredicted(edit: StitchEdit, signal?: AbortSignal): Promise<{ after: number }> {
    let paused = performance.now()
    const between = async (): Promise<void> => {
      if (performance.now() - paused > COUNTS_FOR_MS) {
        await setImmediate()
        paused = performance.now()
      }
      signal?.throwIfAborted()
    }
    return { after: await this.#open.bench.overPredictedAfter(this.#togglesOf(edit), between) }
  }

  apply(edit: StitchEdit): Moved {
    const toggles = this.#togglesOf(edit)
    const change = this.#change(toggles)
    if (toggles.length === 0) return this.#moved(change, this.#point)
    return this.#moved(change, this.#history.append(edit.title, toggles, change.after))
  }

  path(): StitchPath | null {
    return readResult(this.#open.db, 'path', StitchPath)
  }

  greedy(): GreedyOrder | null {
    return readResult(this.#open.db, 'greedy', GreedyOrder)
  }

  losses(): SplicedLosses | null {
    return readResult(this.#open.db, 'losses', SplicedLosses)
  }

  reencoded(): Reencoded | null {
    return readResult(this.#open.db, 'reencoded', Reencoded)
  }

  /** The hybrid at a step of the path, as one edit of the present one. */
  walkTo(step: number): Moved {
    const { bench, stitch } = this.#open
    const target = membershipAtStep(this.path(), step, stitch)
    return this.apply(editBetween(`step ${step} of the path`, bench.inHybrid, target, stitch))
  }

  undo(): Moved {
    const point = this.#history.undoPoint
    if (point === null) throw problem('conflict', 'undo', 'this is the base as it is')
    return this.goTo(point)
  }

  redo(): Moved {
    const point = this.#history.redoPoint
    if (point === null) throw problem('conflict', 'redo', 'nothing was taken back from here')
    return this.goTo(point)
  }

  difference(from: number, to: number): StitchEdit {
    const { stitch, bench } = this.#open
    const [before, after] = [from, to].map((point) =>
      this.#history.membership(point, stitch.baseCount, bench.candidates),
    )
    return editBetween(`from point ${from} to point ${to}`, before, after, stitch)
  }

  tokenErrors(row: number): TokenErrors {
    const { bench, stitch } = this.#open
    const { tokenNumber, error } = bench.set
    const reader = openActivations(this.#workspace, stitch.evaluation.activationSetId)
    try {
      const { contextSize } = reader.set
      const at = tokensOfRow(tokenNumber, row, contextSize)
      if (at.length === 0) throw problem('bad-input', `row ${row}`, 'no token of it is measured')
      const ids = reader.ids(row * contextSize, Math.min(contextSize, reader.set.tokens - row * contextSize))
      const position = Int32Array.from(at, (t) => tokenNumber[t] % contextSize)
      return {
        ids: ids && position.map((p) => ids[p]),
        position,
        base: Float64Array.from(at, (t) => error[t]),
        hybrid: Float64Array.from(at, (t) => bench.error[t]),
      }
    } finally {
      reader.close()
    }
  }

  save(name: string, keepsLargest: boolean): { saeId: SaeId } {
    return saveBench(this.#workspace, this.#open, { name, keepsLargest, point: this.#history.head })
  }

  textErrors(text: string): Promise<TextErrors> {
    const { stitch, base, donor, bench } = this.#open
    const set = this.#workspace.activationSets.get(stitch.evaluation.activationSetId)
    const hybrid = hybridWeights(base, donor, originsOf(bench.inHybrid, stitch.baseCount))
    return (this.#text ??= new TextMeasure(this.#workspace, set)).measure(text, base, hybrid)
  }

  nameVersion(name: string): BenchState {
    this.#history.nameVersion(name)
    return this.state()
  }

  /** Does the work in its turn, with the bench standing where the history ends. */
  turn<T>(work: (session: this) => T | Promise<T>): Promise<T> {
    return this.#turns.take(async () => {
      await this.#settle()
      return work(this)
    })
  }
}
