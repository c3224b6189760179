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
import { AskedThread } from '../store/asked-thread.ts'

type Work =
  | { do: 'open'; config: TraineeConfig; state: TraineeState; options: TraineeOptions }
  | { do: 'step'; x: Float32Array; rows: number; settings: StepSettings }
  | { do: 'read' }
  | { do: 'write'; state: TraineeState }
  | { do: 'dispose' }
/** What a trainee-worker is asked, of one of its trainees. */
export interface ThreadWork {
  trainee: number
  work: Work
}

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

/** One thread, and the features of all its trainees: what decides where the next one goes. */
class TraineeThread extends AskedThread<ThreadWork> {
  features = 0
  constructor() {
    super(entry('trainee-worker'))
  }

  async leave(features: number): Promise<void> {
    this.features -= features
    if (this.features === 0) await this.end()
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
    await thread.ask({ trainee: number, work: { do: 'open', config, state, options } })
    return new TraineeInThread(config, thread, number)
  }

  /** x is best in shared memory: all trainees then see it without a copy. */
  step(x: Float32Array, rows: number, settings: StepSettings): Promise<StepReport> {
    return this.#thread.ask({ trainee: this.#number, work: { do: 'step', x, rows, settings } })
  }

  read(): Promise<TraineeState> {
    return this.#thread.ask({ trainee: this.#number, work: { do: 'read' } })
  }

  write(state: TraineeState): Promise<void> {
    return this.#thread.ask({ trainee: this.#number, work: { do: 'write', state } })
  }

  async dispose(): Promise<void> {
    await this.#thread.ask({ trainee: this.#number, work: { do: 'dispose' } })
    await this.#thread.leave(this.config.dSae)
  }
}
