import { MessageChannel, Worker } from 'node:worker_threads'
import type { StitchId } from '#contract/ids.ts'
import { portOf } from '#contract/ports.ts'
import { ProblemError } from '#contract/problem.ts'
import { connect, type Client, type ClientRoom } from '#contract/rpc.ts'
import { entry } from '../places.ts'
import type { StitchWorkerTask } from './stitch-worker.ts'
import { workerContract } from './worker-contract.ts'

export type BenchClient = ClientRoom<(typeof workerContract)['bench']>

/** A bench takes hundreds of megabytes: it is let go when nobody has asked for so long. Its history is on the disk. */
const IDLE_MS = 5 * 60_000

interface Running {
  client: Client<typeof workerContract>
  worker: Worker
  waiting: number
  /** Whether it has ever answered: one that could not be opened is ended, and the next question tries again. */
  answered: boolean
  idle: NodeJS.Timeout | undefined
}

/** The engine's side of the benches that are open, each in a thread of its own. */
export class OpenBenches {
  readonly #folder: string
  readonly #running = new Map<StitchId, Running>()
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Asks a bench, opening it where it is not: `ask(id, (bench) => bench.state({ id }))`. */
  async ask<T>(id: StitchId, question: (client: BenchClient) => Promise<T>): Promise<T> {
    const running = this.#running.get(id) ?? this.#start(id)
    clearTimeout(running.idle)
    if (running.waiting++ === 0) running.worker.ref() // who waits for an answer has something to do
    try {
      const answer = await question(running.client.bench)
      running.answered = true
      return answer
    } catch (error) {
      // Who gave up asking says nothing about the thread.
      if (!running.answered && error instanceof ProblemError) await this.close(id)
      throw error
    } finally {
      running.waiting--
      if (running.waiting === 0) running.worker.unref()
      if (running.waiting === 0 && this.#running.get(id) === running) {
        running.idle = setTimeout(() => void this.close(id), IDLE_MS)
        running.idle.unref()
      }
    }
  }

  /** Ends the thread of a stitch, if it has one. What was answered is durable. */
  async close(id: StitchId): Promise<void> {
    const running = this.#running.get(id)
    this.#running.delete(id)
    clearTimeout(running?.idle)
    if (!running) return
    running.worker.ref() // a process that ends waits for this too
    await running.client.thread.finish({}).catch(() => {}) // it may have ended by itself
    await running.worker.terminate()
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.close(id)))
  }

  #start(id: StitchId): Running {
    const { port1, port2 } = new MessageChannel()
    const workerData: StitchWorkerTask = { folder: this.#folder, id, port: port2 }
    const worker = new Worker(entry('stitch-worker'), { workerData, transferList: [port2] })
    const running = {
      client: connect(workerContract, portOf(port1)),
      worker,
      waiting: 0,
      answered: false,
      idle: undefined,
    }
    this.#running.set(id, running)
    // The port closes with the worker, so whoever waits hears of it; the next question starts another.
    worker.on('error', (error) => console.error(error))
    worker.on('exit', () => {
      if (this.#running.get(id) === running) this.#running.delete(id)
    })
    // Neither keeps a process alive that has nothing else to do.
    port1.unref()
    worker.unref()
    return running
  }
}
