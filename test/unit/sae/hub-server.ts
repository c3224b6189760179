import { createReadStream, readdirSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface HubServer {
  address: string
  /** Every request: path and the range it asked for. */
  requests: string[]
  /** Bytes of files sent. */
  sent: number
  /** The next file is cut off after so many bytes. */
  breakAfter: number | null
  close(): Promise<void>
}

interface Entry {
  type: string
  path: string
  size: number
}

/** Answers like the hub: listing in pages, files by way of a redirect, parts of files. One repository: a folder. */
export async function serveHub(folder: string, repo: string, pageSize = 50): Promise<HubServer> {
  const state: HubServer = {
    address: '',
    requests: [],
    sent: 0,
    breakAfter: null,
    close: () => Promise.resolve(),
  }

  const list = (under: string, recursive: boolean): Entry[] =>
    readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
      const path = under ? `${under}/${entry.name}` : entry.name
      if (!entry.isDirectory()) return [{ type: 'file', path, size: statSync(join(folder, path)).size }]
      const itself = { type: 'directory', path, size: 0 }
      return recursive ? [itself, ...list(path, true)] : [itself]
    })

  function answerList(url: URL, response: ServerResponse): void {
    const under = decodeURIComponent(url.pathname.split('/tree/main')[1].replace(/^\//, ''))
    const from = Number(url.searchParams.get('cursor') ?? 0)
    let all: Entry[]
    try {
      all = list(under, url.searchParams.get('recursive') === 'true')
    } catch {
      return void response.writeHead(404).end()
    }
    url.searchParams.set('cursor', String(from + pageSize))
    const more = from + pageSize < all.length
    response.writeHead(200, {
      'content-type': 'application/json',
      ...(more && { link: `<${url.href}>; rel="next"` }),
    })
    response.end(JSON.stringify(all.slice(from, from + pageSize)))
  }

  function answerFile(path: string, request: IncomingMessage, response: ServerResponse): void {
    const file = join(folder, path)
    const size = statSync(file, { throwIfNoEntry: false })?.size
    if (size === undefined) return void response.writeHead(404).end()
    const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '')
    const from = Number(range?.[1] ?? 0)
    const to = Math.min(size, range?.[2] ? Number(range[2]) + 1 : size)
    const end = state.breakAfter === null ? to : Math.min(to, from + state.breakAfter)
    response.writeHead(range ? 206 : 200, { 'content-length': to - from })
    state.sent += end - from
    if (size === 0) return void response.end()
    createReadStream(file, { start: from, end: end - 1 })
      .on('end', () => (end < to ? response.destroy() : response.end()))
      .pipe(response, { end: false })
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', state.address)
    state.requests.push(`${url.pathname} ${request.headers.range ?? ''}`.trim())
    if (url.pathname.startsWith(`/api/models/${repo}/tree/main`)) return answerList(url, response)
    const resolved = url.pathname.split(`/${repo}/resolve/main/`)[1]
    if (resolved) return void response.writeHead(302, { location: `/cdn/${resolved}` }).end()
    if (url.pathname.startsWith('/cdn/'))
      return answerFile(decodeURIComponent(url.pathname.slice(5)), request, response)
    response.writeHead(404).end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  state.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  state.close = () =>
    new Promise((closed) => {
      server.closeAllConnections()
      server.close(() => closed())
    })
  return state
}
