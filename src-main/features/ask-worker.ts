import { MessageChannel, Worker } from 'node:worker_threads'
import { portOf } from '#contract/ports.ts'
import { connect, type Client } from '#contract/rpc.ts'
import { entry } from '../places.ts'
import { questions, type Questions } from './questions.ts'
import type { FeatureWorkerData } from './worker.ts'

/** Weights and models are let go when nobody has asked for so long. */
const IDLE_MS = 5 * 60_000

type Asked = Client<Questions>['features']

/** The engine's side of the feature worker: started with the first question, ended when there are none for a while. */
export class FeatureWorker {
  readonly #folder: string
  #running: { worker: Worker; client: Asked } | null = null
  #waiting = 0
  #idle: NodeJS.Timeout | undefined

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Asks the worker: `ask((features) => features.tryText({ … }))`. */
  async ask<T>(question: (features: Asked) => Promise<T>): Promise<T> {
    const client = this.#begin()
    try {
      return await question(client)
    } finally {
      this.#end()
    }
  }

  /** Asks for answers that come one after the other. */
  async *follow<T>(question: (features: Asked) => AsyncIterable<T>): AsyncGenerator<T, void, void> {
    const client = this.#begin()
    try {
      yield* question(client)
    } finally {
      this.#end()
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const running = this.#running
    this.#running = null
    await running?.worker.terminate()
  }

  #begin(): Asked {
    clearTimeout(this.#idle)
    this.#waiting++
    return (this.#running ??= this.#start()).client
  }

  #end(): void {
    this.#waiting--
    if (this.#waiting > 0) return
    this.#idle = setTimeout(() => void this.close(), IDLE_MS)
    this.#idle.unref()
  }

  #start(): { worker: Worker; client: Asked } {
    const { port1, port2 } = new MessageChannel()
    const workerData: FeatureWorkerData = { folder: this.#folder, port: port2 }
    const worker = new Worker(entry('feature-worker'), { workerData, transferList: [port2] })
    // The port closes with the worker, so whoever waits hears of it; the next question starts another.
    worker.on('error', (error) => console.error(error))
    worker.on('exit', () => {
      if (this.#running?.worker === worker) this.#running = null
    })
    const client = connect(questions, portOf(port1)).features
    // Neither keeps a process alive that has nothing else to do.
    port1.unref()
    worker.unref()
    return { worker, client }
  }
}
