import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export const COMMIT = 'c0ffee'.padEnd(40, '0')

export interface ModelHub {
  address: string
  /** Every request: method, path and range. */
  requests: string[]
  /** Needed to be let in. */
  token: string | null
  /** Connections for weights are cut after so many bytes; 0 cuts none. */
  cutAfter: number
  /** Answers ranges with the whole file. */
  ignoresRanges: boolean
  /** Weights come this slowly; 0 as fast as they can. */
  bytesPerSecond: number
  /** A byte of the weights is changed on its way. */
  corrupts: boolean
  close(): Promise<void>
}

const sha1 = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const isLarge = (name: string): boolean => name.endsWith('.safetensors')

/**
 * A hub with one repository, as huggingface.co answers: the commit of a revision, a listing with hashes, files by way
 * of a redirect to another place for large ones, ranges, tokens.
 */
export async function serveModelHub(folder: string, repo: string): Promise<ModelHub> {
  const hub: ModelHub = {
    address: '',
    requests: [],
    token: null,
    cutAfter: 0,
    ignoresRanges: false,
    bytesPerSecond: 0,
    corrupts: false,
    close: () => Promise.resolve(),
  }

  function answerFile(name: string, request: IncomingMessage, response: ServerResponse): void {
    const bytes = Uint8Array.from(readFileSync(join(folder, name)))
    if (hub.corrupts && isLarge(name)) bytes[bytes.length - 1] ^= 1
    const asked = /bytes=(\d+)-/.exec(request.headers.range ?? '')
    const from = asked && !hub.ignoresRanges ? Number(asked[1]) : 0
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from })
    const cut = hub.cutAfter > 0 && isLarge(name) && bytes.length - from > hub.cutAfter
    if (cut)
      response.write(bytes.subarray(from, from + hub.cutAfter), () =>
        setTimeout(() => response.destroy(), 20),
      )
    else if (hub.bytesPerSecond > 0 && isLarge(name)) trickle(bytes.subarray(from), response)
    else response.end(bytes.subarray(from))
  }

  /** Ten pieces a second, each as large as the speed at that moment says. */
  function trickle(bytes: Uint8Array, response: ServerResponse): void {
    const size = Math.ceil(hub.bytesPerSecond / 10)
    if (response.destroyed || bytes.length <= size) return void response.end(bytes)
    response.write(bytes.subarray(0, size))
    setTimeout(() => trickle(bytes.subarray(size), response), 100)
  }

  function listing(): object[] {
    return readdirSync(folder).map((path) => {
      const bytes = readFileSync(join(folder, path))
      const entry = { type: 'file', path, size: bytes.length, oid: sha1(bytes) }
      return isLarge(path) ? { ...entry, lfs: { oid: sha256(bytes), size: bytes.length } } : entry
    })
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', hub.address)
    hub.requests.push(`${request.method} ${pathname} ${request.headers.range ?? ''}`.trim())
    const json = (value: unknown): void => void response.writeHead(200).end(JSON.stringify(value))
    if (pathname.startsWith('/cdn/')) return answerFile(pathname.slice(5), request, response)
    if (hub.token !== null && request.headers.authorization !== `Bearer ${hub.token}`)
      return void response.writeHead(401).end()
    if ([`/api/models/${repo}/revision/main`, `/api/models/${repo}/revision/v1`].includes(pathname))
      return json({ id: repo, sha: COMMIT })
    if (pathname === `/api/models/${repo}/tree/${COMMIT}`) return json(listing())
    const name = pathname.split(`/${repo}/resolve/${COMMIT}/`)[1]
    if (name === undefined || !readdirSync(folder).includes(name)) return void response.writeHead(404).end()
    if (isLarge(name)) return void response.writeHead(302, { location: `/cdn/${name}` }).end()
    answerFile(name, request, response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  hub.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  hub.close = () =>
    new Promise((closed) => {
      server.closeAllConnections()
      server.close(() => closed())
    })
  return hub
}
