import { Worker } from 'node:worker_threads'
import { ProblemError, type Problem } from '#contract/problem.ts'
import { entry } from '../places.ts'
import type {
  Backend,
  StepReport,
  StepSettings,
  Trainee,
  TraineeConfig,
  TraineeOptions,
  TraineeState,
} from '../sae/backend.ts'
import { threadsToUse } from '../store/allowed-threads.ts'

type Work =
  | { do: 'open'; config: TraineeConfig; state: TraineeState; options: TraineeOptions }
  | { do: 'step'; x: Float32Array; rows: number; settings: StepSettings }
  | { do: 'read' }
  | { do: 'write'; state: TraineeState }
  | { do: 'dispose' }
/** What a trainee-worker is asked, and what it answers. */
export interface ThreadCall {
  call: number
  trainee: number
  work: Work
}
export type ThreadAnswer = { call: number; ok: unknown } | { call: number; problem: Problem }

/**
 * The cpu backend with the trainees of one run in as many threads as it may use: several SAEs on one stream are
 * stepped at the same time, and no core waits for another within a step. Same numbers as `cpuBackend`.
 */
export function cpuBackendInThreads(): Backend {
  const threads: TraineeThread[] = []
  let opened = 0
  return {
    name: 'cpu',
    async open(config, state, options) {
      if (threads.length < threadsToUse()) threads.push(new TraineeThread())
      const thread = threads.reduce((least, other) => (other.features < least.features ? other : least))
      return TraineeInThread.open(thread, opened++, config, state, options)
    },
  }
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** One thread, and what it still has to answer. */
class TraineeThread {
  /** Of all its trainees: what decides where the next one goes. */
  features = 0
  readonly #worker = new Worker(entry('trainee-worker'))
  readonly #waiting = new Map<number, Waiting>()
  #calls = 0

  constructor() {
    this.#worker.unref()
    this.#worker.on('message', (answer: ThreadAnswer) => {
      const waiting = this.#waiting.get(answer.call)
      this.#waiting.delete(answer.call)
      if (this.#waiting.size === 0) this.#worker.unref()
      if ('ok' in answer) waiting?.resolve(answer.ok)
      else waiting?.reject(new ProblemError(answer.problem))
    })
    this.#worker.on('error', (error) => {
      for (const { reject } of this.#waiting.values()) reject(error)
      this.#waiting.clear()
    })
  }

  ask<T>(trainee: number, work: Work): Promise<T> {
    const call = this.#calls++
    this.#worker.ref()
    const answer = new Promise<unknown>((resolve, reject) => this.#waiting.set(call, { resolve, reject }))
    this.#worker.postMessage({ call, trainee, work } satisfies ThreadCall)
    return answer as Promise<T>
  }

  async leave(features: number): Promise<void> {
    this.features -= features
    if (this.features === 0) await this.#worker.terminate()
  }
}

class TraineeInThread implements Trainee {
  readonly config: TraineeConfig
  readonly #thread: TraineeThread
  readonly #number: number
  private constructor(config: TraineeConfig, thread: TraineeThread, number: number) {
    this.config = config
    this.#thread = thread
    this.#number = number
  }

  static async open(
    thread: TraineeThread,
    number: number,
    config: TraineeConfig,
    state: TraineeState,
    options: TraineeOptions,
  ): Promise<TraineeInThread> {
    thread.features += config.dSae
    await thread.ask(number, { do: 'open', config, state, options })
    return new TraineeInThread(config, thread, number)
  }

  /** x is best in shared memory: all trainees then see it without a copy. */
  step(x: Float32Array, rows: number, settings: StepSettings): Promise<StepReport> {
    return this.#thread.ask(this.#number, { do: 'step', x, rows, settings })
  }

  read(): Promise<TraineeState> {
    return this.#thread.ask(this.#number, { do: 'read' })
  }

  write(state: TraineeState): Promise<void> {
    return this.#thread.ask(this.#number, { do: 'write', state })
  }

  async dispose(): Promise<void> {
    await this.#thread.ask(this.#number, { do: 'dispose' })
    await this.#thread.leave(this.config.dSae)
  }
}
