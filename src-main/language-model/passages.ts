import type { HookPoint } from '#contract/model.ts'
import { threadsToUse } from '../store/allowed-threads.ts'
import type { Architecture } from './architecture.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { BuiltGraph } from './graph-builder.ts'
import { passageGraph, passageKey, type Passage } from './passage.ts'
import type { Provider } from './provider.ts'
import { RowCrew, type Shares, type Stage } from './row-crew.ts'
import { partsOf, runPassage } from './run-passage.ts'
import { openSession, type Session } from './session.ts'
import { halves } from './stages.ts'
import { hookPoints } from './transformer.ts'

/**
 * Bytes of weights that may be held where copies of them make a run faster: of a checkpoint's own size a little more,
 * and of a small one this much.
 */
const SHARE_OF_CHECKPOINT = 1.1
const HELD_ANYWAY = 256 << 20
/** What a thread takes beside its weights: itself, and the activations of its rows. */
const RUNNER_BYTES = 40 << 20

/** Rows of fewer parts would mostly wait for the first stage, or for the last. */
const LEAST_PARTS_IN_STAGES = 4
/** Share of the weights: beyond it the other stage waits for longer than cores lose that share every product. */
const LONGEST_STAGE = 0.55

type Run = (ids: Int32Array, context: number, activations?: Float32Array) => Promise<Float32Array[]>

interface PassageOptions {
  threads: number | undefined
  provider: Provider
}

/**
 * The passages of one model: each is opened when it is first run, and kept. On the cpu, threads share it where the first
 * run has rows for all of them: each has a copy of the weights where these fit, else a half of the blocks. Where neither
 * can be, the cores share every product.
 */
export class Passages {
  readonly #model: Architecture
  readonly #checkpoint: Checkpoint
  readonly #options: PassageOptions
  readonly #embed: HookPoint
  readonly #runs = new Map<string, Promise<Run>>()
  readonly #sessions: Session[] = []
  readonly #crew = new RowCrew()
  #heldBytes = 0

  constructor(model: Architecture, checkpoint: Checkpoint, options: PassageOptions) {
    this.#model = model
    this.#checkpoint = checkpoint
    this.#options = options
    this.#embed = { name: 'hook_embed', layer: null, width: model.dModel }
  }

  /**
   * @param ids [rows, context]
   * @param activations [rows·context, width] where the passage begins at a hook point
   * @returns for each wanted hook point [rows·context, width]
   */
  async run(
    passage: Passage,
    ids: Int32Array,
    rows: number,
    activations?: Float32Array,
  ): Promise<Float32Array[]> {
    const key = passageKey(passage)
    const context = ids.length / rows
    let run = this.#runs.get(key)
    if (!run) {
      run = this.#open(key, passage, partsOf(this.#options.provider, ids.length, context))
      this.#runs.set(key, run)
    }
    return (await run)(ids, context, activations)
  }

  async #open(key: string, passage: Passage, parts: number): Promise<Run> {
    return (await this.#openInCrew(key, passage, parts)) ?? this.#openHere(passage)
  }

  #graph(passage: Passage): BuiltGraph {
    return passageGraph(this.#model, this.#checkpoint, passage, this.#options.provider)
  }

  async #session(passage: Passage): Promise<Session> {
    const graph = this.#graph(passage)
    this.#heldBytes += graph.weightBytes
    const session = await openSession(graph, { root: this.#checkpoint.root, ...this.#options })
    this.#sessions.push(session)
    return session
  }

  async #openHere(passage: Passage): Promise<Run> {
    const session = await this.#session(passage)
    return async (ids, context, activations) => {
      const outputs = passage.wanted.map(({ width }) => new Float32Array(ids.length * width))
      await runPassage(session, passage, { ids, context, activations, outputs })
      return outputs
    }
  }

  /** null where the passage is not for a crew. The table of embeddings is read in this thread, once for all. */
  async #openInCrew(key: string, passage: Passage, parts: number): Promise<Run | null> {
    const threads = this.#options.threads ?? threadsToUse()
    const { wanted } = passage
    if (this.#options.provider !== 'cpu' || Math.min(threads, parts) < 2) return null
    if (wanted.every(({ name }) => name === this.#embed.name)) return null
    const shares = this.#shares({ ...passage, given: passage.given ?? this.#embed }, threads, parts)
    if (!shares) return null
    this.#heldBytes += shares.copies * shares.stages.reduce((sum, { graph }) => sum + graph.weightBytes, 0)
    await this.#crew.open(key, shares, this.#checkpoint.root)
    if (passage.given)
      return (ids, context, activations) =>
        this.#crew.run(key, wanted, { ids, context }, (own) => {
          if (activations) own.set(activations)
          return Promise.resolve()
        })
    const first: Passage = { ...passage, wanted: [this.#embed], centred: false }
    const embedding = await this.#session(first)
    return (ids, context) =>
      this.#crew.run(key, wanted, { ids, context }, (own) =>
        runPassage(embedding, first, { ids, context, activations: undefined, outputs: [own] }),
      )
  }

  /** Copies of the whole passage where two or more fit into memory, else two stages where these are about as long. */
  #shares(passage: Stage['passage'], threads: number, parts: number): Shares | null {
    const whole = { passage, graph: this.#graph(passage) }
    const room = this.#room()
    const { weightBytes } = whole.graph
    const copies = Math.min(threads, parts, Math.floor(room / (weightBytes + RUNNER_BYTES)))
    if (copies > 1) return { stages: [whole], copies, threads: Math.floor(threads / copies) }
    if (parts < LEAST_PARTS_IN_STAGES || weightBytes + 2 * RUNNER_BYTES > room) return null
    const stages = halves(hookPoints(this.#model), passage).map((half) => ({
      passage: half,
      graph: this.#graph(half),
    }))
    const longest = Math.max(...stages.map(({ graph }) => graph.weightBytes))
    const isEven = longest <= LONGEST_STAGE * stages.reduce((sum, { graph }) => sum + graph.weightBytes, 0)
    return stages.length > 1 && isEven ? { stages, copies: 1, threads: Math.floor(threads / 2) } : null
  }

  /** Bytes that threads and their weights may take, beside the table of embeddings. */
  #room(): number {
    const { dModel, vocabSize } = this.#model
    const most = SHARE_OF_CHECKPOINT * Math.max(this.#checkpoint.bytes, HELD_ANYWAY)
    return most - 4 * dModel * vocabSize - this.#heldBytes
  }

  async close(): Promise<void> {
    await Promise.all([...this.#runs.values()].map((run) => run.catch(() => undefined)))
    await Promise.all([...this.#sessions.map((session) => session.close()), this.#crew.close()])
    this.#runs.clear()
  }
}
