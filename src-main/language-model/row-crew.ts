import type { HookPoint } from '#contract/model.ts'
import { entry } from '../places.ts'
import { AskedThread } from '../store/asked-thread.ts'
import type { BuiltGraph } from './graph-builder.ts'
import type { Passage } from './passage.ts'
import type { PassageRows } from './run-passage.ts'
import type { SessionOptions } from './session.ts'

/** A passage that begins at a hook point, or a part of one. */
export interface Stage {
  passage: Passage & { given: HookPoint }
  graph: BuiltGraph
}
/** How a passage is shared: every thread has all of it and takes rows, or each has a stage that all rows go through. */
export interface Shares {
  /** More than one only with one copy: each stage begins at the hook point that the one before it ends at. */
  stages: readonly Stage[]
  copies: number
  /** That each thread computes with. */
  threads: number
}

/** What a row-worker is asked. Counters are in shared memory. */
export type RowWork =
  | { do: 'open'; key: string; graph: BuiltGraph; options: SessionOptions }
  | { do: 'run'; key: string; passage: Passage; rows: PassageRows; counters: Counters }
  | { do: 'close' }
export interface Counters {
  /** Parts of the rows that some thread has taken. */
  taken: Int32Array
  /** Parts that this stage has done, and the stage before it. */
  done: Int32Array
  before: Int32Array | null
}

interface Opened {
  crew: AskedThread<RowWork>[]
  shares: Shares
}

/** Done with everything, whatever there is: a stage that waits for a failed one goes on to its end. */
const ALL = 0x7fffffff
function giveUp(done: Int32Array): void {
  Atomics.store(done, 0, ALL)
  Atomics.notify(done, 0)
}

const counter = (): Int32Array => new Int32Array(new SharedArrayBuffer(4))

/**
 * Threads that share a run, each with a session of its own. Cores that share a product wait for each other after every
 * node, and a thread is woken for each; these hardly ever do, and the thread that asks is free for other work. Several
 * runs may be asked for at once; what comes out does not depend on who takes which rows.
 */
export class RowCrew {
  readonly #threads: AskedThread<RowWork>[] = []
  readonly #free: SharedArrayBuffer[] = []
  readonly #opened = new Map<string, Promise<Opened>>()

  /** Opens a passage where it is to run; once for each key. */
  open(key: string, shares: Shares, root: string): Promise<unknown> {
    const opened = this.#open(key, shares, root)
    this.#opened.set(key, opened)
    return opened
  }

  /** One after the other: while it is opened, a session holds its weights twice. */
  async #open(key: string, shares: Shares, root: string): Promise<Opened> {
    const { stages, copies, threads } = shares
    const crew: AskedThread<RowWork>[] = []
    for (let i = 0; i < stages.length * copies; i++) {
      const thread = (this.#threads[i] ??= new AskedThread(entry('row-worker')))
      const { graph } = stages[i % stages.length]
      await thread.ask({ do: 'open', key, graph, options: { root, threads } })
      crew.push(thread)
    }
    return { crew, shares }
  }

  /**
   * @param fill writes the activations [rows·context, width] at the hook point that the passage begins at
   * @returns for each hook point of `wanted` [rows·context, width]
   */
  async run(
    key: string,
    wanted: readonly HookPoint[],
    { ids, context }: Pick<PassageRows, 'ids' | 'context'>,
    fill: (activations: Float32Array) => Promise<void>,
  ): Promise<Float32Array[]> {
    const opened = await this.#opened.get(key)
    if (!opened) throw new Error(`no thread has opened ${key}`)
    const { crew, shares } = opened
    const { stages } = shares
    const { given } = stages[0].passage
    const start = this.#borrow(ids.length * given.width)
    const at = new Map(
      stages
        .flatMap(({ passage }) => passage.wanted)
        .map(({ name, width }) => [name, this.#borrow(ids.length * width)] as const),
    )
    const of = ({ name }: HookPoint): Float32Array => at.get(name) as Float32Array
    await fill(start)
    const done = stages.map(counter)
    const taken = stages.map(counter)
    const runs = crew.map((thread, i) => {
      const stage = i % stages.length
      const { passage } = stages[stage]
      const activations = stage === 0 ? start : of(passage.given)
      const rows = { ids, context, activations, outputs: passage.wanted.map(of) }
      const before = stage === 0 ? null : done[stage - 1]
      const counters = { taken: taken[stage], done: done[stage], before }
      return thread.ask({ do: 'run', key, passage, rows, counters })
    })
    try {
      await Promise.all(runs)
    } catch (error) {
      done.forEach(giveUp)
      await Promise.allSettled(runs)
      throw error
    }
    // Not every consumer takes shared memory.
    const own = wanted.map((point) => new Float32Array(of(point)))
    this.#free.push(...[start, ...at.values()].map(({ buffer }) => buffer))
    return own
  }

  /** Memory of earlier runs is used again: it would be long until it is collected. */
  #borrow(length: number): Float32Array<SharedArrayBuffer> {
    const fits = this.#free.findIndex(({ byteLength }) => byteLength >= 4 * length)
    const buffer = fits < 0 ? new SharedArrayBuffer(4 * length) : this.#free.splice(fits, 1)[0]
    return new Float32Array(buffer, 0, length)
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#threads.map(async (thread) => {
        await thread.ask({ do: 'close' }).catch(() => {}) // one that has died has nothing left to close
        await thread.end()
      }),
    )
    this.#threads.length = 0
    this.#free.length = 0
    this.#opened.clear()
  }
}
