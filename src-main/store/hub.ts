import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { problem, ProblemError } from '#contract/problem.ts'
import { hubToken } from './hub-token.ts'

// The Hugging Face hub over plain HTTP: listing a repository, reading parts of files, downloading with resume.
// HF_ENDPOINT names another server, a token is sent where there is one (hub-token.ts), as in huggingface_hub.

/** A place in a repository: "org/name", "org/name@revision", either with "/sub/folder" behind. */
export interface HubAddress {
  /** "org/name" */
  repo: string
  revision: string
  /** "" for the whole repository. */
  path: string
}
export interface HubFile {
  path: string
  bytes: number
}
export interface HubEntry extends HubFile {
  folder: boolean
  /** Of its content: SHA-256 of large files, git's SHA-1 of small ones. Names it in the Hugging Face cache. */
  hash: string
}

const TIMEOUT_MS = 30_000
const MAX_PAGES = 200
/** The hub's server. */
export const hubEndpoint = (): string =>
  (process.env['HF_ENDPOINT'] || 'https://huggingface.co').replace(/\/+$/, '')

/** Reads an address, with or without "hf://" or the server's own name before it; null when it is not one. */
export function parseHubAddress(text: string): HubAddress | null {
  const bare = text.replace(/^(hf:\/\/|https:\/\/huggingface\.co\/)/, '').replace(/^(models\/)/, '')
  const match =
    /^([\w.-]+\/[\w.-]+)(?:@([\w.-]+))?(?:\/(?:(?:tree|blob|resolve)\/([\w.-]+)(?:\/|$))?(.*))?$/.exec(bare)
  if (!match || bare.startsWith('.') || bare.includes('..')) return null
  const [, repo, atRevision, urlRevision, path = ''] = match
  return { repo, revision: atRevision ?? urlRevision ?? 'main', path: path.replace(/\/+$/, '') }
}

export const hubAddressText = ({ repo, revision, path }: HubAddress): string =>
  `${repo}${revision === 'main' ? '' : `@${revision}`}${path ? `/${path}` : ''}`

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/')

/** Gives up when nothing has come for a while, however long the whole takes. */
class Patience {
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined
  constructor() {
    this.renew()
  }
  get signal(): AbortSignal {
    return this.#abort.signal
  }
  renew(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => this.#abort.abort(new Error(`nothing came for ${TIMEOUT_MS / 1000} s`)),
      TIMEOUT_MS,
    )
  }
  end(): void {
    clearTimeout(this.#timer)
  }
}

const words = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

/** Asks for a URL and hands over the answer; every failure is a Problem about `subject`. */
async function ask<T>(
  url: string,
  subject: string,
  headers: Record<string, string>,
  take: (answer: Response, patience: Patience) => Promise<T>,
): Promise<T> {
  const token = hubToken()
  const { host } = new URL(url)
  const patience = new Patience()
  try {
    const answer = await fetch(url, {
      headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
      signal: patience.signal,
    })
    if (!answer.ok) {
      await answer.body?.cancel()
      throw refusal(answer.status, host, subject)
    }
    patience.renew()
    return await take(answer, patience)
  } catch (error) {
    if (error instanceof ProblemError || (error instanceof Error && !isNetworkError(error))) throw error
    throw problem(
      'network',
      subject,
      `${host} cannot be reached (${words(error)})`,
      'Check the connection, or set HF_ENDPOINT.',
    )
  } finally {
    patience.end()
  }
}

/** What fetch throws: TypeError with a cause, and what our own patience aborts with. */
const isNetworkError = (error: Error): boolean =>
  error instanceof TypeError || error.name === 'AbortError' || error.message.startsWith('nothing came')

function refusal(status: number, host: string, subject: string): ProblemError {
  if (status === 404)
    return problem('not-found', subject, `${host} has no such file or repository`, 'Check the spelling.')
  if (status === 401 || status === 403)
    return problem(
      'not-allowed',
      subject,
      `${host} does not let you read it (${status}): it is private, wants its terms accepted, or does not exist`,
      'Check the spelling, or give a token that may read it: in Settings of the desktop app, else as HF_TOKEN.',
    )
  return problem('network', subject, `${host} answered ${status}`, 'Try again later.')
}

const Hash = z.string().regex(/^[0-9a-f]+$/)
const Listing = z.array(
  z.looseObject({
    type: z.string(),
    path: z.string(),
    size: z.number().optional(),
    oid: Hash.default(''),
    lfs: z.looseObject({ oid: Hash }).optional(),
  }),
)
const Revision = z.looseObject({ sha: Hash })

/** The commit that a revision is at now. @throws Problem not-found or network */
export async function hubCommit(address: HubAddress): Promise<string> {
  const subject = hubAddressText(address)
  if (process.env['HF_HUB_OFFLINE'] === '1')
    throw problem('network', subject, 'it is not in the cache, and HF_HUB_OFFLINE is set')
  const revision = encodeURIComponent(address.revision)
  return ask(
    `${hubEndpoint()}/api/models/${address.repo}/revision/${revision}`,
    subject,
    {},
    async (answer) => {
      const info = Revision.safeParse(await answer.json().catch(() => null))
      if (info.success) return info.data.sha
      throw problem('network', subject, 'the answer names no commit', 'Check HF_ENDPOINT.')
    },
  )
}

/**
 * The files and folders in a folder of a repository, or all below it.
 * @throws Problem not-found or network
 */
export async function listHub(address: HubAddress, options: { recursive: boolean }): Promise<HubEntry[]> {
  const subject = hubAddressText(address)
  const below = address.path ? `/${encoded(address.path)}` : ''
  let next: string | null =
    `${hubEndpoint()}/api/models/${address.repo}/tree/${encodeURIComponent(address.revision)}${below}?recursive=${options.recursive}`
  const entries: HubEntry[] = []
  for (let page = 0; next && page < MAX_PAGES; page++)
    next = await ask(next, subject, {}, async (answer) => {
      const listing = Listing.safeParse(await answer.json().catch(() => null))
      if (!listing.success)
        throw problem('network', subject, 'the answer is not a list of files', 'Check HF_ENDPOINT.')
      for (const { type, path, size, oid, lfs } of listing.data)
        if (type === 'file' || type === 'directory')
          entries.push({ path, bytes: size ?? 0, folder: type === 'directory', hash: lfs?.oid ?? oid })
      return /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get('link') ?? '')?.[1] ?? null
    })
  return entries
}

const fileUrl = ({ repo, revision }: HubAddress, path: string): string =>
  `${hubEndpoint()}/${repo}/resolve/${encodeURIComponent(revision)}/${encoded(path)}`
const fileText = (address: HubAddress, path: string): string => hubAddressText({ ...address, path })

/** Bytes [from, to) of a file, without the rest of it. @throws Problem when the server cannot give parts. */
export function readHubRange(
  address: HubAddress,
  path: string,
  from: number,
  to: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const subject = fileText(address, path)
  return ask(fileUrl(address, path), subject, { range: `bytes=${from}-${to - 1}` }, async (answer) => {
    if (answer.status !== 206) {
      await answer.body?.cancel()
      throw problem(
        'network',
        subject,
        'the server cannot give a part of a file',
        'Download it and import it from disk.',
      )
    }
    const bytes = new Uint8Array(await answer.arrayBuffer())
    if (bytes.length !== to - from)
      throw problem('network', subject, `${to - from} bytes were asked for, ${bytes.length} came`)
    return bytes
  })
}

/** A small text file. @throws Problem beyond `maxBytes`. */
export function readHubText(address: HubAddress, file: HubFile, maxBytes = 8 << 20): Promise<string> {
  const subject = fileText(address, file.path)
  if (file.bytes > maxBytes)
    throw problem('bad-file', subject, `it has ${file.bytes} bytes, too many for a configuration`)
  return ask(fileUrl(address, file.path), subject, {}, (answer) => answer.text())
}

const sizeOnDisk = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/**
 * Downloads a file to `to`. What an earlier attempt left in `<to>.part` is gone on with; the file appears under its
 * name only when it is whole. `onBytes` hears how many bytes there are; when it throws, what is there stays.
 */
export async function downloadHubFile(
  address: HubAddress,
  file: HubFile,
  to: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  if (sizeOnDisk(to) === file.bytes && file.bytes > 0) return onBytes(file.bytes)
  mkdirSync(dirname(to), { recursive: true })
  const part = `${to}.part`
  const before = sizeOnDisk(part) <= file.bytes ? sizeOnDisk(part) : 0
  if (before < file.bytes || file.bytes === 0) await appendBody(address, file, part, before, onBytes)
  if (sizeOnDisk(part) !== file.bytes)
    throw problem(
      'network',
      fileText(address, file.path),
      `it has ${file.bytes} bytes, ${sizeOnDisk(part)} came`,
      'Resume the job.',
    )
  renameSync(part, to)
}

function appendBody(
  address: HubAddress,
  file: HubFile,
  part: string,
  before: number,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const headers: Record<string, string> = before > 0 ? { range: `bytes=${before}-` } : {}
  const subject = fileText(address, file.path)
  return ask(fileUrl(address, file.path), subject, headers, async (answer, patience) => {
    // A server that does not know ranges sends it all again.
    const append = before > 0 && answer.status === 206
    const fd = openSync(part, append ? 'a' : 'w')
    let done = append ? before : 0
    try {
      for await (const chunk of answer.body ?? []) {
        patience.renew()
        for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at)
        done += chunk.length
        if (done > file.bytes) throw problem('network', subject, `more than its ${file.bytes} bytes came`)
        onBytes(done)
      }
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  })
}
