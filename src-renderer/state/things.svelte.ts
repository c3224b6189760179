import type { ActivationSet } from '#contract/activation-set.ts'
import type { Comparison } from '#contract/compare.ts'
import type { Corpus } from '#contract/corpus.ts'
import type { Model } from '#contract/model.ts'
import { problemOf, type Problem } from '#contract/problem.ts'
import type { Report } from '#contract/report.ts'
import type { Sae } from '#contract/sae.ts'
import type { Stitch } from '#contract/stitch.ts'
import type { ListedThing, ThingKind, WorkspaceInfo } from '#contract/workspace.ts'
import { engine, onEngineStatus } from '../rpc.ts'
import { isOpen, jobs } from './jobs.svelte.ts'

export type Thing =
  | { kind: 'model'; thing: Model }
  | { kind: 'corpus'; thing: Corpus }
  | { kind: 'activations'; thing: ActivationSet }
  | { kind: 'sae'; thing: Sae }

const LISTED: readonly ThingKind[] = ['model', 'corpus', 'activations', 'sae']

/** The lists every screen chooses from. Read again whenever a job begins or ends, and after `changed()`. */
class Things {
  models = $state.raw<Model[]>([])
  corpora = $state.raw<Corpus[]>([])
  activations = $state.raw<ActivationSet[]>([])
  saes = $state.raw<Sae[]>([])
  comparisons = $state.raw<Comparison[]>([])
  reports = $state.raw<Report[]>([])
  stitches = $state.raw<Stitch[]>([])
  /** Of every thing, also of those that are in no list above. */
  #names = $state.raw<Record<string, string>>({})
  /** Runs, indexes, comparisons and benches: what was made on the way. */
  others = $state.raw<ListedThing[]>([])
  /** Bytes on disk by id. */
  disk = $state.raw<Record<string, number>>({})
  info = $state.raw<WorkspaceInfo | null>(null)
  /** False until the first lists have come. */
  known = $state(false)
  problem = $state.raw<Problem | null>(null)
  #asked = 0

  readonly isEmpty = $derived(
    this.models.length + this.corpora.length + this.activations.length + this.saes.length === 0,
  )
  readonly #byId = $derived(
    new Map<string, Thing>([
      ...this.models.map((thing) => [thing.id, { kind: 'model', thing }] as const),
      ...this.corpora.map((thing) => [thing.id, { kind: 'corpus', thing }] as const),
      ...this.activations.map((thing) => [thing.id, { kind: 'activations', thing }] as const),
      ...this.saes.map((thing) => [thing.id, { kind: 'sae', thing }] as const),
    ]),
  )

  /** Follows the engine and its jobs. */
  start(): void {
    onEngineStatus((status) => {
      if (status === 'ready') void this.changed()
    })
    jobs.onChange((job, before) => {
      const began = before === undefined && job.makes !== null
      const ended = before !== undefined && isOpen(before.state) && !isOpen(job.state)
      if (began || ended) void this.changed()
    })
  }

  get(id: string): Thing | undefined {
    return this.#byId.get(id)
  }
  /** A run, an index, a comparison or a bench. */
  other(id: string): ListedThing | undefined {
    return this.others.find((one) => one.id === id)
  }
  /** The name of a thing, or its id while the lists are on their way. */
  nameOf(id: string): string {
    return this.get(id)?.thing.name ?? this.#names[id] ?? id
  }

  /** Reads everything again; call it after something was added, renamed or removed. */
  async changed(): Promise<void> {
    const asked = ++this.#asked
    try {
      const [all, models, corpora, activations, saes, comparisons, reports, stitches, disk, info] =
        await Promise.all([
          engine.workspace.things({}),
          engine.models.list({}),
          engine.corpora.list({}),
          engine.activations.list({}),
          engine.saes.list({}),
          engine.compare.list({}),
          engine.reports.list({}),
          engine.stitch.list({}),
          engine.workspace.disk({}),
          engine.workspace.info({}),
        ])
      if (asked !== this.#asked) return
      Object.assign(this, { models, corpora, activations, saes, comparisons, reports, stitches })
      this.#names = Object.fromEntries(all.map(({ id, name }) => [id, name]))
      this.others = all.filter(({ kind }) => !LISTED.includes(kind))
      Object.assign(this, { disk, info, problem: null, known: true })
    } catch (error) {
      const problem = problemOf(error)
      if (asked === this.#asked && problem.code !== 'closed') this.problem = problem
    }
  }
}
export const things = new Things()
