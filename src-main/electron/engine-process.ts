import { utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import { entry } from '../places.ts'

const RESTART_MS = [100, 500, 2_000, 5_000]

/** The engine as a utility process: one for the app, started again when it dies. */
export class EngineProcess {
  readonly #folder: string
  readonly #onRestart: () => void
  #child: UtilityProcess | null = null
  #waiting: MessagePortMain[] = []
  #ready = false
  #deaths = 0
  #closing = false

  /** @param onRestart called when a new engine answers after one died: windows then ask for new ports. */
  constructor(folder: string, onRestart: () => void) {
    this.#folder = folder
    this.#onRestart = onRestart
  }

  start(): void {
    const child = utilityProcess.fork(entry('engine'), [this.#folder], { serviceName: 'Suture engine' })
    this.#child = child
    this.#ready = false
    child.on('message', () => {
      // "ready" is all it says; everything else goes over ports
      this.#ready = true
      for (const port of this.#waiting.splice(0)) child.postMessage('port', [port])
      if (this.#deaths > 0) this.#onRestart()
      this.#deaths = 0
    })
    child.on('exit', () => {
      this.#child = null
      if (this.#closing) return
      setTimeout(() => this.start(), RESTART_MS[Math.min(this.#deaths++, RESTART_MS.length - 1)])
    })
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Joins a window's port to the engine. */
  attach(port: MessagePortMain): void {
    if (this.#child && this.#ready) this.#child.postMessage('port', [port])
    else this.#waiting.push(port)
  }

  /** Lets jobs reach their next durable point, then ends. */
  async close(): Promise<void> {
    this.#closing = true
    const child = this.#child
    if (!child) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.postMessage({ said: 'close' })
    const hard = setTimeout(() => child.kill(), 10_000)
    await gone
    clearTimeout(hard)
  }
}
