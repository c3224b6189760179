// The window's end of the conversation with the engine. Calls made while there is no connection wait for the next one.
import { contract, type EngineClient } from '#contract/index.ts'
import { portOf, socketOf } from '#contract/ports.ts'
import { connect, type AskOptions, type FramePort } from '#contract/rpc.ts'
import { bridge } from './bridge.ts'
import { sessionToken } from './session-token.ts'

export type EngineStatus = 'connecting' | 'ready' | 'lost'
/** Opens a fresh port to the engine; called again after each loss. */
export type OpenPort = () => FramePort

const FIRST_WAIT_MS = 150
const LONGEST_WAIT_MS = 5_000
const ANSWER_WITHIN_MS = 20_000

const listeners = new Set<(status: EngineStatus) => void>()
let ready = Promise.withResolvers<EngineClient>()
let isReady = false
let generation = 0

/** Calls back at every change of the connection; returns what ends it. */
export function onEngineStatus(listener: (status: EngineStatus) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
const tell = (status: EngineStatus): void => listeners.forEach((listener) => listener(status))

/** In Electron a channel handed to the main process; in a browser a WebSocket to whoever served the page. */
export function portToEngine(): FramePort {
  if (bridge()) {
    const { port1, port2 } = new MessageChannel()
    window.postMessage('suture:port', '*', [port2])
    const port = portOf(port1)
    return { ...port, onClose: (listener) => (port.onClose(listener), bridge()?.onEngineRestart(listener)) }
  }
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const token = encodeURIComponent(sessionToken())
  return socketOf(new WebSocket(`${scheme}://${location.host}/rpc?token=${token}`))
}

/** From now on calls wait; those that wait already go on waiting. */
function notReady(): void {
  if (isReady) ready = Promise.withResolvers()
  isReady = false
}

/** Connects, and connects again with growing waits whenever the engine goes away. */
export function startEngine(openPort: OpenPort): void {
  const mine = ++generation
  let wait = FIRST_WAIT_MS

  const begin = async (): Promise<void> => {
    tell('connecting')
    const port = openPort()
    const client = connect(contract, port)
    let over = false
    const lost = (): void => {
      if (over || mine !== generation) return
      over = true
      notReady()
      tell('lost')
      setTimeout(() => void begin(), wait)
      wait = Math.min(wait * 2, LONGEST_WAIT_MS)
    }
    port.onClose(lost)
    try {
      await client.workspace.info({}, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    } catch {
      return lost()
    }
    if (over || mine !== generation) return
    wait = FIRST_WAIT_MS
    isReady = true
    ready.resolve(client)
    tell('ready')
  }
  notReady()
  void begin()
}

type Ask = (input: unknown, options?: AskOptions) => unknown

/** A promise, given up when the signal says so. */
function orAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    promise.then(resolve, reject)
  })
}

const verbOf = (client: EngineClient, room: string, verb: string): Ask =>
  (client as unknown as Record<string, Record<string, Ask>>)[room][verb]

function once(room: string, verb: string): Ask {
  return async (input, options) =>
    verbOf(await orAborted(ready.promise, options?.signal), room, verb)(input, options)
}

function many(room: string, verb: string): Ask {
  return async function* (input, options) {
    const client = await orAborted(ready.promise, options?.signal)
    yield* verbOf(client, room, verb)(input, options) as AsyncGenerator<unknown>
  }
}

/** Every call of the contract, over whichever connection there is. */
export const engine = Object.fromEntries(
  Object.entries(contract).map(([room, verbs]) => [
    room,
    Object.fromEntries(
      Object.entries(verbs).map(([verb, procedure]) => [
        verb,
        procedure.stream ? many(room, verb) : once(room, verb),
      ]),
    ),
  ]),
) as unknown as EngineClient
