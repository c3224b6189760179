import { utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import { problem, ProblemError, type Problem } from '#contract/problem.ts'
import { entry } from '../places.ts'
import { LEAVE_JOBS, type FromEngine, type ToEngine } from '../rpc/engine-messages.ts'

/** Before the second and the third start in a row. */
const RESTART_MS = [100, 500]
const STARTS_IN_A_ROW = 3
/** An engine that has lived this long has started well: what ends it then is another matter. */
const STEADY_MS = 60_000
const CLOSE_MS = 10_000

export interface EngineListener {
  /** A new engine answers after one died: windows then ask for new ports. */
  restarted(): void
  /** It could not be kept alive, and is not started again by itself. */
  gaveUp(why: Problem): void
}

/** The engine on one workspace as a utility process, started again when it dies, up to three times in a row. */
export class EngineProcess {
  readonly folder: string
  readonly #listener: EngineListener
  #token: string | null
  #child: UtilityProcess | null = null
  #waiting: MessagePortMain[] = []
  #ready = false
  #starts = 0
  #steady: NodeJS.Timeout | undefined
  #leaveJobs = false
  #closing = false

  constructor(folder: string, token: string | null, listener: EngineListener) {
    this.folder = folder
    this.#token = token
    this.#listener = listener
  }

  /**
   * Resolves when the engine answers.
   * @param options.leaveJobs unfinished jobs wait until someone resumes them
   * @throws Problem when the workspace cannot be opened, or the engine died three times before it answered
   */
  async start({ leaveJobs = false } = {}): Promise<void> {
    this.#leaveJobs = leaveJobs
    this.#starts = 0
    for (;;) {
      const died = await this.#spawn()
      if (died === null) return
      await this.#pause(died)
    }
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Joins a window's port to the engine, now or when it answers. */
  attach(port: MessagePortMain): void {
    if (this.#child && this.#ready) this.#child.postMessage('port', [port])
    else this.#waiting.push(port)
  }

  /** The hub's token that the engine is to use from now on. */
  useToken(token: string | null): void {
    this.#token = token
    this.#say({ said: 'hub-token', token })
  }

  /** Lets jobs reach their next durable point, then ends. */
  async close(): Promise<void> {
    this.#closing = true
    clearTimeout(this.#steady)
    const child = this.#child
    if (!child) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    this.#say({ said: 'close' })
    const hard = setTimeout(() => child.kill(), CLOSE_MS)
    await gone
    clearTimeout(hard)
  }

  #say(message: ToEngine): void {
    this.#child?.postMessage(message)
  }

  /** Starts one process. Resolves with null when it answers, with how it ended when it dies before. */
  #spawn(): Promise<string | null> {
    this.#starts++
    const args = [this.folder, ...(this.#leaveJobs ? [LEAVE_JOBS] : [])]
    const child = utilityProcess.fork(entry('engine'), args, { serviceName: 'Suture engine' })
    this.#child = child
    this.#ready = false
    this.#say({ said: 'hub-token', token: this.#token })
    return new Promise((resolve, reject) => {
      child.on('message', (message: FromEngine) => {
        if (message.said === 'failed') reject(new ProblemError(message.problem))
        if (message.said !== 'ready') return
        this.#ready = true
        this.#steady = setTimeout(() => (this.#starts = 0), STEADY_MS)
        for (const port of this.#waiting.splice(0)) child.postMessage('port', [port])
        resolve(null)
      })
      child.on('exit', (code) => {
        clearTimeout(this.#steady)
        const wasReady = this.#ready
        this.#child = null
        this.#ready = false
        resolve(`code ${code}`)
        if (wasReady && !this.#closing) void this.#again(`code ${code}`)
      })
    })
  }

  /** After an engine that had answered died. */
  async #again(died: string): Promise<void> {
    try {
      for (let how: string | null = died; how !== null; how = await this.#spawn()) await this.#pause(how)
      if (!this.#closing) this.#listener.restarted()
    } catch (error) {
      if (!this.#closing && error instanceof ProblemError) this.#listener.gaveUp(error.problem)
    }
  }

  /** Waits before the next start. @throws Problem when there have been enough. */
  async #pause(died: string): Promise<void> {
    if (this.#closing) throw problem('closed', this.folder, 'it was being closed')
    if (this.#starts >= STARTS_IN_A_ROW)
      throw problem(
        'internal',
        'engine',
        `it ended by itself ${STARTS_IN_A_ROW} times in a row (${died})`,
        'What was made is on disk.',
      )
    await new Promise((resolve) => setTimeout(resolve, RESTART_MS[Math.max(0, this.#starts - 1)]))
  }
}
