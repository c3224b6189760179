import type { MessagePortMain } from 'electron'
import { problem, type Problem } from '#contract/problem.ts'
import { EngineProcess } from './engine-process.ts'

export interface WorkspaceListener {
  /** The engine answers again, or another one does: windows ask for new ports. */
  engineRestarted(): void
  /** A workspace is open; in place of another one: windows load again. */
  opened(folder: string, inPlaceOfAnother: boolean): void
  /** The engine of the open workspace is down and stays down until someone decides. */
  engineGaveUp(why: Problem): void
}

/** The workspace that is open in the app, and its engine. */
export class OpenWorkspace {
  readonly #listener: WorkspaceListener
  readonly #token: () => string | null
  #engine: EngineProcess | null = null
  #early: MessagePortMain[] = []
  /** One move after the other. */
  #moving: Promise<unknown> = Promise.resolve()
  #closing = false

  /** @param token the hub's token that engines are started with */
  constructor(token: () => string | null, listener: WorkspaceListener) {
    this.#token = token
    this.#listener = listener
  }

  /** The folder; null before the first one is open. */
  get folder(): string | null {
    return this.#engine?.folder ?? null
  }

  attach(port: MessagePortMain): void {
    if (this.#engine) this.#engine.attach(port)
    else this.#early.push(port)
  }

  useToken(token: string | null): void {
    this.#engine?.useToken(token)
  }

  /**
   * Opens a folder in place of the one that is open: its engine is started first, so that a folder which cannot be
   * opened changes nothing; then the old engine brings its jobs to their next durable point and ends.
   * @throws Problem why it cannot be opened
   */
  open(folder: string): Promise<void> {
    const move = this.#moving.catch(() => {}).then(() => this.#open(folder))
    this.#moving = move
    return move
  }

  async #open(folder: string): Promise<void> {
    if (this.#closing) throw problem('closed', folder, 'Suture is ending')
    const old = this.#engine
    if (old?.folder === folder) return
    const engine: EngineProcess = new EngineProcess(folder, this.#token(), {
      restarted: () => void (this.#engine === engine && this.#listener.engineRestarted()),
      gaveUp: (why) => void (this.#engine === engine && this.#listener.engineGaveUp(why)),
    })
    await engine.start()
    this.#engine = engine
    for (const port of this.#early.splice(0)) engine.attach(port)
    this.#listener.opened(folder, old !== null)
    await old?.close()
  }

  /** Starts the engine again after it gave up. @throws Problem when it dies again */
  async startAgain(options: { leaveJobs: boolean }): Promise<void> {
    await this.#engine?.start(options)
    this.#listener.engineRestarted()
  }

  /** Lets jobs reach their next durable point, then ends the engine. */
  async close(): Promise<void> {
    this.#closing = true
    await this.#engine?.close()
    await this.#moving.catch(() => {})
    await this.#engine?.close()
  }
}
