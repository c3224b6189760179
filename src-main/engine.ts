// The engine as its own process: an Electron utility process, or a child of `serve`.
import type { MessagePortMain } from 'electron'
import { portOf } from '#contract/ports.ts'
import { problemOf, sentence } from '#contract/problem.ts'
import type { Frame, FramePort } from '#contract/rpc.ts'
import { LEAVE_JOBS, type FromEngine, type ToEngine } from './rpc/engine-messages.ts'
import { openEngine, type Engine } from './rpc/open-engine.ts'
import { useHubToken } from './store/hub-token.ts'

const SAID_BY_THEN_MS = 1_000

/** Ports arrive one by one with Electron's messages. Opens with the first message, which brings the hub's token. */
function answerPorts(open: () => Engine): void {
  let engine: Engine | null = null
  const say = (message: FromEngine): void => process.parentPort.postMessage(message)
  const begin = (): void => {
    try {
      engine = open()
      say({ said: 'ready' })
    } catch (error) {
      say({ said: 'failed', problem: problemOf(error) })
      setTimeout(() => process.exit(2), SAID_BY_THEN_MS)
    }
  }
  process.parentPort.on(
    'message',
    ({ data, ports }: { data: ToEngine | 'port'; ports: MessagePortMain[] }) => {
      if (data === 'port') for (const port of ports) engine?.attach(portOf(port))
      else if (data.said === 'hub-token') {
        useHubToken(data.token)
        if (!engine) begin()
      } else if (data.said === 'close') void engine?.close().then(() => process.exit(0))
    },
  )
}

/** Sockets arrive as numbered connections over the child's own channel. */
function answerConnections(engine: Engine): void {
  const connections = new Map<number, { onFrame(frame: Frame): void; onClose(): void }>()
  const say = (message: FromEngine): void => void process.send?.(message)
  const portOfConnection = (connection: number): FramePort => {
    const listeners = { onFrame: (_frame: Frame): void => {}, onClose: (): void => {} }
    connections.set(connection, {
      onFrame: (frame) => listeners.onFrame(frame),
      onClose: () => listeners.onClose(),
    })
    return {
      send: (frame) => say({ said: 'frame', connection, frame }),
      onFrame: (listener) => (listeners.onFrame = listener),
      onClose: (listener) => (listeners.onClose = listener),
    }
  }
  process.on('message', (message: ToEngine) => {
    switch (message.said) {
      case 'opened':
        return engine.attach(portOfConnection(message.connection))
      case 'frame':
        return connections.get(message.connection)?.onFrame(message.frame)
      case 'closed':
        connections.get(message.connection)?.onClose()
        return void connections.delete(message.connection)
      case 'close':
        return void engine.close().then(() => process.exit(0))
      case 'hub-token':
        return useHubToken(message.token)
    }
  })
  // Whoever started the engine is gone: what runs is durable and goes on at the next start.
  process.on('disconnect', () => process.exit(0))
  say({ said: 'ready' })
}

const folder = process.argv[2]
const open = (): Engine => openEngine(folder, { ownJobsOnly: process.argv.includes(LEAVE_JOBS) })
if (process.parentPort) answerPorts(open)
else
  try {
    answerConnections(open())
  } catch (error) {
    console.error(sentence(problemOf(error)))
    process.exit(2)
  }
