import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DownloadPlan } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'
import {
  hubAddressText,
  hubCommit,
  listHub,
  readHubText,
  type HubAddress,
  type HubEntry,
} from '../store/hub.ts'
import { freeBytes } from '../store/workspace.ts'
import { parseShards } from './checkpoint.ts'
import { parseJsonObject } from './config.ts'
import { familyOf } from './families/index.ts'
import { CachedRepository, nearestFolder } from './hub-cache.ts'
import {
  cachedSnapshot,
  DESCRIPTIONS,
  INDEX,
  isRefusal,
  noWeights,
  parseHubId,
  WEIGHTS,
} from './hub-download.ts'

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

/** One revision of a repository: its listing, and what of it is in the cache. */
class Listed {
  readonly #address: HubAddress
  readonly #cache: CachedRepository
  readonly #snapshot: string
  readonly #entries: Map<string, HubEntry>
  constructor(address: HubAddress, commit: string, entries: readonly HubEntry[]) {
    this.#address = { ...address, revision: commit }
    this.#cache = new CachedRepository(address.repo)
    this.#snapshot = this.#cache.snapshot(commit)
    this.#entries = new Map(entries.map((entry) => [entry.path, entry]))
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  /** A small file's text, from the cache where it is there. @throws Problem not-found */
  async text(name: string): Promise<string> {
    const entry = this.#entries.get(name)
    if (!entry) throw problem('not-found', hubAddressText(this.#address), `the repository has no ${name}`)
    const here = join(this.#snapshot, name)
    return bytesOf(here) === entry.bytes ? readFileSync(here, 'utf8') : readHubText(this.#address, entry)
  }

  /** Its size, and how much of it is here: the whole, or what an unfinished download left. */
  file(name: string): DownloadPlan['files'][number] {
    const { bytes, hash } = this.#entries.get(name) ?? { bytes: 0, hash: '' }
    const isWhole = bytesOf(join(this.#snapshot, name)) === bytes || bytesOf(this.#cache.blob(hash)) === bytes
    return {
      name,
      bytes,
      hereBytes: isWhole ? bytes : Math.min(bytes, bytesOf(`${this.#cache.blob(hash)}.part`)),
    }
  }
}

async function weightNames(listed: Listed, address: HubAddress): Promise<string[]> {
  if (listed.has(WEIGHTS)) return [WEIGHTS]
  if (!listed.has(INDEX)) throw noWeights(address)
  return [INDEX, ...parseShards(await listed.text(INDEX), INDEX)]
}

/** What there is of a model whose hub cannot be asked. */
function planFromCache(address: HubAddress, folder: string): DownloadPlan {
  const files = readdirSync(folder).map((name) => {
    const bytes = bytesOf(join(folder, name))
    return { name, bytes, hereBytes: bytes }
  })
  const config = parseJsonObject(
    readFileSync(join(folder, 'config.json'), 'utf8'),
    join(folder, 'config.json'),
  )
  familyOf(config, hubAddressText(address))
  return {
    ...nameOf(address),
    modelType: String(config['model_type']),
    files,
    freeBytes: freeBytes(folder),
    hubReached: false,
  }
}

const nameOf = ({ repo, revision }: HubAddress): Pick<DownloadPlan, 'repo' | 'revision'> => ({
  repo,
  revision,
})

/**
 * What adding a model of the hub would download, and what of it is in the cache already. Reads the listing and the
 * configuration; nothing is written.
 * @throws Problem as the download would: bad-input, not-found, not-allowed, network, or unsupported
 */
export async function planDownload(hubId: string): Promise<DownloadPlan> {
  const address = parseHubId(hubId)
  let commit: string
  try {
    commit = await hubCommit(address)
  } catch (error) {
    const here = isRefusal(error) ? cachedSnapshot(address) : null
    if (here === null) throw error
    return planFromCache(address, here)
  }
  const listed = new Listed(
    address,
    commit,
    await listHub({ ...address, revision: commit }, { recursive: false }),
  )
  const where = `${hubAddressText(address)}/config.json`
  const config = parseJsonObject(await listed.text('config.json'), where)
  familyOf(config, hubAddressText(address))
  const names = [...DESCRIPTIONS.filter((name) => listed.has(name)), ...(await weightNames(listed, address))]
  return {
    ...nameOf(address),
    modelType: String(config['model_type']),
    files: names.map((name) => listed.file(name)),
    freeBytes: freeBytes(nearestFolder(dirname(new CachedRepository(address.repo).folder))),
    hubReached: true,
  }
}
