import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { problem } from '#contract/problem.ts'
import { rendererFolder } from '../places.ts'
import { EngineChild } from './engine-child.ts'
import { isOurHost, refusal } from './gate.ts'
import { answerFile } from './static-files.ts'

const MAX_MESSAGE = 256 << 20

export interface Served {
  /** The address with its token. */
  address: string
  engine: EngineChild
  close(): Promise<void>
}

/** Serves the app of one workspace on the loopback interface. Port 0 takes any free one. */
export async function serveWorkspace(folder: string, port: number): Promise<Served> {
  const token = randomBytes(24).toString('base64url')
  const engine = new EngineChild(folder)
  engine.onFailure = (message) => console.error(message)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE })
  const http = createServer((request, response) => {
    if (!isOurHost(request, listeningOn())) return void response.writeHead(421).end('wrong host')
    answerFile(rendererFolder, request, response)
  })
  const listeningOn = (): number => (http.address() as AddressInfo).port
  http.on('upgrade', (request, socket, head) => {
    const why = refusal(request, listeningOn(), token)
    if (why) return void socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\n\r\n${why}`)
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.binaryType = 'arraybuffer'
      engine.attach(webSocket)
    })
  })
  await engine.start()
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        problem(
          'conflict',
          `port ${port}`,
          error.message,
          'Choose another with --port, or 0 for any free one.',
        ),
      ),
    )
    http.listen(port, '127.0.0.1', resolve)
  })
  return {
    address: `http://127.0.0.1:${listeningOn()}/#token=${token}`,
    engine,
    async close() {
      http.close()
      http.closeAllConnections()
      sockets.clients.forEach((socket) => socket.terminate())
      await engine.close()
    },
  }
}
