// The engine as its own process: an Electron utility process, or a child of `serve`.
import type { MessagePortMain } from 'electron'
import { portOf } from '#contract/ports.ts'
import { problemOf, sentence } from '#contract/problem.ts'
import type { Frame, FramePort } from '#contract/rpc.ts'
import type { FromEngine, ToEngine } from './rpc/engine-messages.ts'
import { openEngine, type Engine } from './rpc/open-engine.ts'

/** Ports arrive one by one with Electron's messages. */
function answerPorts(engine: Engine): void {
  process.parentPort.on(
    'message',
    ({ data, ports }: { data: ToEngine | 'port'; ports: MessagePortMain[] }) => {
      if (data === 'port') for (const port of ports) engine.attach(portOf(port))
      else if (data.said === 'close') void engine.close().then(() => process.exit(0))
    },
  )
  process.parentPort.postMessage({ said: 'ready' } satisfies FromEngine)
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
    }
  })
  // Whoever started the engine is gone: what runs is durable and goes on at the next start.
  process.on('disconnect', () => process.exit(0))
  say({ said: 'ready' })
}

try {
  const engine = openEngine(process.argv[2])
  if (process.parentPort) answerPorts(engine)
  else answerConnections(engine)
} catch (error) {
  console.error(sentence(problemOf(error)))
  process.exit(2)
}
