import { createHash, type Hash } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ModelId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { problem, ProblemError } from '#contract/problem.ts'
import {
  downloadHubFile,
  hubAddressText,
  hubCommit,
  listHub,
  parseHubAddress,
  type HubAddress,
  type HubEntry,
} from '../store/hub.ts'
import { freeBytes, type Workspace } from '../store/workspace.ts'
import { addModel } from './add-model.ts'
import { shardsOf } from './checkpoint.ts'
import { readConfig } from './config.ts'
import { familyOf } from './families/index.ts'
import { CachedRepository } from './hub-cache.ts'

/** Small files that are needed, or wanted where there are any. */
export const DESCRIPTIONS = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
]
export const WEIGHTS = 'model.safetensors'
export const INDEX = 'model.safetensors.index.json'
const PAUSE_MS = 500

export const DownloadParams = z.object({
  id: ModelId,
  hubId: z.string(),
  name: z.string().optional(),
  centerWritingWeights: z.boolean(),
})

/** "org/name" or "org/name@revision". @throws Problem for anything else */
export function parseHubId(hubId: string): HubAddress {
  const address = parseHubAddress(hubId)
  if (address && address.path === '') return address
  throw problem(
    'bad-input',
    hubId,
    'this is not the name of a model on the hub',
    'Write org/name or org/name@revision.',
  )
}

/** Feeds a file to a hash, a piece at a time. */
async function digest(file: string, hash: Hash): Promise<string> {
  const handle = await open(file)
  try {
    for await (const piece of handle.createReadStream({ highWaterMark: 1 << 20 }))
      hash.update(piece as Uint8Array)
  } finally {
    await handle.close()
  }
  return hash.digest('hex')
}

/** The hub names large files by their SHA-256, small ones as git does: SHA-1 over "blob <size>\0" and the bytes. */
function contentHash(file: string, named: string): Promise<string> {
  if (named.length === 64) return digest(file, createHash('sha256'))
  return digest(file, createHash('sha1').update(`blob ${statSync(file).size}\0`))
}

/** One revision of one repository on its way into the cache. */
class Download {
  readonly #address: HubAddress
  readonly #cache: CachedRepository
  readonly #commit: string
  readonly #control: JobControl
  readonly #entries: Map<string, HubEntry>
  constructor(address: HubAddress, commit: string, entries: readonly HubEntry[], control: JobControl) {
    this.#address = { ...address, revision: commit }
    this.#cache = new CachedRepository(address.repo)
    this.#commit = commit
    this.#control = control
    this.#entries = new Map(entries.map((entry) => [entry.path, entry]))
  }

  get folder(): string {
    return this.#cache.snapshot(this.#commit)
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  #entry(name: string): HubEntry {
    const entry = this.#entries.get(name)
    if (!entry) throw problem('not-found', hubAddressText(this.#address), `the repository has no ${name}`)
    if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(entry.hash))
      throw problem(
        'network',
        hubAddressText(this.#address),
        `the listing gives no hash of ${name}`,
        'Check HF_ENDPOINT.',
      )
    return entry
  }

  #isHere(name: string): boolean {
    return existsSync(join(this.folder, name))
  }

  /** Downloads what is not there yet, file by file. */
  async fetch(names: readonly string[]): Promise<void> {
    const missing = names.filter((name) => !this.#isHere(name)).map((name) => this.#entry(name))
    const total = missing.reduce((sum, { bytes }) => sum + bytes, 0)
    mkdirSync(this.folder, { recursive: true })
    const free = freeBytes(this.folder)
    if (total > free)
      throw problem('no-space', hubAddressText(this.#address), `${total} bytes are needed, ${free} are free`)
    let before = 0
    for (const entry of missing) {
      await this.#fetchFile(entry, before, total)
      before += entry.bytes
    }
  }

  async #fetchFile(entry: HubEntry, before: number, total: number): Promise<void> {
    const blob = this.#cache.blob(entry.hash)
    for (let had = -1; !existsSync(blob);) {
      let have = 0
      try {
        await downloadHubFile(this.#address, entry, blob, (bytes) => {
          have = bytes
          this.#control.report(`Downloading ${entry.path}`, before + bytes, total, 'bytes')
          this.#control.checkpoint()
        })
      } catch (error) {
        // A connection that broke is taken up again where it was, as long as that gets any further.
        if (!isNetwork(error) || have <= had) throw error
        had = have
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
        this.#control.checkpoint()
      }
    }
    if ((await contentHash(blob, entry.hash)) !== entry.hash) {
      rmSync(blob)
      throw problem(
        'bad-file',
        `${hubAddressText(this.#address)}/${entry.path}`,
        'what came is not what the hub has: its hash differs',
        'Resume the job to download it again.',
      )
    }
    this.#cache.link(entry.hash, this.#commit, entry.path)
  }
}

const isNetwork = (error: unknown): boolean =>
  error instanceof ProblemError && error.problem.code === 'network'

/** The hub was not reached, or lets nobody in: what is in the cache can still be used. */
export const isRefusal = (error: unknown): boolean =>
  isNetwork(error) || (error instanceof ProblemError && error.problem.code === 'not-allowed')

export const noWeights = (address: HubAddress): ProblemError =>
  problem(
    'unsupported',
    hubAddressText(address),
    'it has no weights in safetensors format',
    'Convert it with transformers: save_pretrained(…, safe_serialization=True).',
  )

/** Whether a folder has all it takes to open the model. */
function isComplete(folder: string): boolean {
  if (!existsSync(join(folder, 'config.json'))) return false
  if (existsSync(join(folder, WEIGHTS))) return true
  if (!existsSync(join(folder, INDEX))) return false
  return shardsOf(join(folder, INDEX)).every((shard) => existsSync(join(folder, shard)))
}

/** What is in the cache of a revision, where the hub itself cannot be asked. */
export function cachedSnapshot(address: HubAddress): string | null {
  const cache = new CachedRepository(address.repo)
  const commit = cache.commitOf(address.revision)
  return commit !== null && isComplete(cache.snapshot(commit)) ? cache.snapshot(commit) : null
}

/**
 * The folder of a model on the hub, after downloading what the cache does not have.
 * @throws Problem network, not-found, unsupported (before any weight is downloaded) or no-space
 */
async function fetchModel(address: HubAddress, control: JobControl): Promise<string> {
  let commit: string
  try {
    commit = await hubCommit(address)
  } catch (error) {
    const here = isRefusal(error) ? cachedSnapshot(address) : null
    if (here === null) throw error
    return here
  }
  const entries = await listHub({ ...address, revision: commit }, { recursive: false })
  const download = new Download(address, commit, entries, control)
  await download.fetch(['config.json', ...DESCRIPTIONS.slice(1).filter((name) => download.has(name))])
  familyOf(readConfig(download.folder), hubAddressText(address))
  if (download.has(WEIGHTS)) await download.fetch([WEIGHTS])
  else if (download.has(INDEX)) {
    await download.fetch([INDEX])
    await download.fetch(shardsOf(join(download.folder, INDEX)))
  } else throw noWeights(address)
  new CachedRepository(address.repo).setCommit(address.revision, commit)
  return download.folder
}

/** Downloads a model from the hub into the shared cache and adds it. Goes on with whatever is there already. */
export async function downloadJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
): Promise<Record<string, unknown>> {
  const { id, hubId, name, centerWritingWeights } = DownloadParams.parse(params)
  const address = parseHubId(hubId)
  const folder = await fetchModel(address, control)
  await addModel(workspace, { id, folder, name: name ?? address.repo, centerWritingWeights, from: { hubId } })
  return { id, folder }
}

/** Removes the parts of files that a cancelled download left; whole files stay in the shared cache. */
export function discardDownload(params: Record<string, unknown>): void {
  const { repo } = parseHubId(DownloadParams.parse(params).hubId)
  new CachedRepository(repo).removeParts()
}
