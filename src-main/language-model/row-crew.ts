import { entry } from '../places.ts'
import { AskedThread } from '../store/asked-thread.ts'
import type { BuiltGraph } from './graph-builder.ts'
import type { Passage, PassageRows } from './passage.ts'
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

const shared = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(4 * length))

/**
 * Threads that share the rows of a run, each with a session of its own. Cores that share a product wait for each other
 * after every node, and a thread is woken for each: with rows of their own they never do, and the thread that asks is
 * free for other work. The price is a copy of the weights for each thread. Several runs may be asked for at once; what
 * comes out does not depend on who takes which rows.
 */
export class RowCrew {
  readonly #threads: AskedThread<RowWork>[] = []
  readonly #opened = new Map<string, Promise<AskedThread<RowWork>[]>>()

  /** Opens a graph where it is to run; once for each key. */
  open(key: string, graph: BuiltGraph, { runners, threads }: Shares, root: string): Promise<unknown> {
    while (this.#threads.length < runners) this.#threads.push(new AskedThread(entry('row-worker')))
    const crew = this.#threads.slice(0, runners)
    const options = { root, threads }
    const opened = Promise.all(crew.map((thread) => thread.ask({ do: 'open', key, graph, options })))
    this.#opened.set(
      key,
      opened.then(() => crew),
    )
    return opened
  }

  /**
   * @param activations [rows·context, width] at the hook point that the passage begins at
   * @returns for each wanted hook point [rows·context, width]
   */
  async run(
    key: string,
    passage: Passage,
    ids: Int32Array,
    rows: number,
    activations: Float32Array,
  ): Promise<Float32Array[]> {
    const crew = (await this.#opened.get(key)) ?? []
    const own = shared(activations.length)
    own.set(activations)
    const outputs = passage.wanted.map(({ width }) => shared(ids.length * width))
    const taken = new Int32Array(new SharedArrayBuffer(4))
    const share: PassageRows = { ids, context: ids.length / rows, activations: own, outputs }
    await Promise.all(crew.map((thread) => thread.ask({ do: 'run', key, passage, rows: share, taken })))
    // Not every consumer takes shared memory.
    return outputs.map((output) => new Float32Array(output))
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#threads.map(async (thread) => {
        await thread.ask({ do: 'close' })
        await thread.end()
      }),
    )
    this.#threads.length = 0
    this.#opened.clear()
  }
}
