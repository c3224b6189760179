import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Who may speak to the engine. Any page open in the same browser can reach a loopback port, so: Host must be ours (a
 * rebound DNS name is not), Origin must be the page we served, and the token must be the one we printed.
 */
export function refusal(request: IncomingMessage, port: number, token: string): string | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  const { host, origin } = request.headers
  if (!host || !hosts.includes(host)) return 'Host is not this server'
  if (origin !== `http://${host}`) return 'Origin is not this server'
  const url = new URL(request.url ?? '/', `http://${host}`)
  if (url.pathname !== '/rpc') return 'there is no such socket'
  const given = Buffer.from(url.searchParams.get('token') ?? '')
  const wanted = Buffer.from(token)
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? null : 'the token is wrong'
}

/** For plain files: only the Host is checked. */
export const isOurHost = (request: IncomingMessage, port: number): boolean =>
  [`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? '')
