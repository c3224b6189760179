import { fork, type ChildProcess } from 'node:child_process'
import type { WebSocket } from 'ws'
import { decode, encode } from '#contract/ports.ts'
import type { Frame } from '#contract/rpc.ts'
import type { FromEngine, ToEngine } from '../rpc/engine-messages.ts'
import { entry } from '../places.ts'

const RESTART_MS = [100, 500, 2_000, 5_000]

/** Starts the engine as a child, relays sockets to it, and starts it again when it dies. */
export class EngineChild {
  readonly #folder: string
  readonly #sockets = new Map<number, WebSocket>()
  #child: ChildProcess | null = null
  #lastConnection = 0
  #deaths = 0
  #closing = false
  onFailure: (message: string) => void = () => {}

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Resolves when the engine answers. @throws when it cannot open the workspace. */
  start(): Promise<void> {
    const child = fork(entry('engine'), [this.#folder], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    return new Promise((resolve, reject) => {
      child.on('message', (message: FromEngine) => {
        if (message.said === 'ready') {
          this.#deaths = 0
          resolve()
        } else if (message.said === 'frame')
          this.#sockets.get(message.connection)?.send(encode(message.frame))
      })
      child.on('error', reject)
      child.on('exit', (code) => {
        if (this.#child !== child) return
        this.#child = null
        for (const socket of this.#sockets.values()) socket.close(1012, 'the engine is being started again')
        this.#sockets.clear()
        if (this.#closing) return
        if (code === 2) return reject(new Error('the engine could not open the workspace'))
        this.#restart()
      })
    })
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  attach(socket: WebSocket): void {
    if (!this.#child) return socket.close(1013, 'the engine is being started')
    const connection = ++this.#lastConnection
    this.#sockets.set(connection, socket)
    this.#say({ said: 'opened', connection })
    socket.on('message', (data: ArrayBuffer) => {
      try {
        this.#say({ said: 'frame', connection, frame: decode(data) as Frame })
      } catch {
        socket.close(1007, 'not a frame')
      }
    })
    socket.on('close', () => {
      if (this.#sockets.delete(connection)) this.#say({ said: 'closed', connection })
    })
  }

  /** Lets jobs reach their next durable point, then ends. */
  async close(): Promise<void> {
    this.#closing = true
    const child = this.#child
    if (!child) return
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    this.#say({ said: 'close' })
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await gone
    clearTimeout(hard)
  }

  #say(message: ToEngine): void {
    if (this.#child?.connected) this.#child.send(message)
  }

  #restart(): void {
    const wait = RESTART_MS[Math.min(this.#deaths++, RESTART_MS.length - 1)]
    setTimeout(() => {
      this.start().catch((error: Error) => this.onFailure(error.message))
    }, wait)
  }
}
