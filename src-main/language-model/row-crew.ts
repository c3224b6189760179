import type { HookPoint } from '#contract/model.ts'
import { entry } from '../places.ts'
import { AskedThread } from '../store/asked-thread.ts'
import type { BuiltGraph } from './graph-builder.ts'
import type { Passage } from './passage.ts'
import type { PassageRows } from './run-passage.ts'
import type { SessionOptions } from './session.ts'

/** What a row-worker is asked. */
export type RowWork =
  | { do: 'open'; key: string; graph: BuiltGraph; options: SessionOptions }
  | { do: 'run'; key: string; passage: Passage; rows: PassageRows; taken: Int32Array }
  | { do: 'close' }

/** How many threads share the rows of a passage, and on how many cores each computes. */
export interface Shares {
  runners: number
  threads: number
}

/**
 * Threads that share the rows of a run, each with a session of its own. Cores that share a product wait for each other
 * after every node, and a thread is woken for each: with rows of their own they never do, and the thread that asks is
 * free for other work. The price is a copy of the weights for each thread. Several runs may be asked for at once; what
 * comes out does not depend on who takes which rows.
 */
export class RowCrew {
  readonly #threads: AskedThread<RowWork>[] = []
  readonly #free: SharedArrayBuffer[] = []
  readonly #opened = new Map<string, Promise<AskedThread<RowWork>[]>>()

  /** Opens a graph where it is to run; once for each key. */
  open(key: string, graph: BuiltGraph, { runners, threads }: Shares, root: string): Promise<unknown> {
    while (this.#threads.length < runners) this.#threads.push(new AskedThread(entry('row-worker')))
    const crew = this.#threads.slice(0, runners)
    const opened = this.#openIn(crew, { do: 'open', key, graph, options: { root, threads } })
    this.#opened.set(key, opened)
    return opened
  }

  /** One after the other: while it is opened, a session holds its weights twice. */
  async #openIn(crew: AskedThread<RowWork>[], work: RowWork): Promise<AskedThread<RowWork>[]> {
    for (const thread of crew) await thread.ask(work)
    return crew
  }

  /**
   * @param fill writes the activations [rows·context, width] at the hook point that the passage begins at
   * @returns for each wanted hook point [rows·context, width]
   */
  async run(
    key: string,
    passage: Passage & { given: HookPoint },
    { ids, context }: Pick<PassageRows, 'ids' | 'context'>,
    fill: (activations: Float32Array) => Promise<void>,
  ): Promise<Float32Array[]> {
    const crew = (await this.#opened.get(key)) ?? []
    const borrowed = [passage.given, ...passage.wanted].map(({ width }) => this.#borrow(ids.length * width))
    const [activations, ...outputs] = borrowed
    await fill(activations)
    const taken = new Int32Array(new SharedArrayBuffer(4))
    const work: RowWork = { do: 'run', key, passage, rows: { ids, context, activations, outputs }, taken }
    await Promise.all(crew.map((thread) => thread.ask(work)))
    // Not every consumer takes shared memory.
    const own = outputs.map((output) => new Float32Array(output))
    this.#free.push(...borrowed.map(({ buffer }) => buffer))
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
        await thread.ask({ do: 'close' })
        await thread.end()
      }),
    )
    this.#threads.length = 0
    this.#free.length = 0
    this.#opened.clear()
  }
}
