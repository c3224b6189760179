import { posix } from 'node:path'
import { problem } from '#contract/problem.ts'
import {
  hubAddressText,
  listHub,
  readHubRange,
  readHubText,
  type HubAddress,
  type HubEntry,
  type HubFile,
} from '../store/hub.ts'
import { parseHeader } from '../store/safetensors.ts'
import { fromSafetensors, type TensorFile } from '../store/tensor-file.ts'
import { isTensorFile, parseJson, type SaeFiles } from './formats/source.ts'

/** Files that say what an SAE is. */
const CONFIGURATION = /(^|\/)(cfg|config|hyperparams|[^/]*_cfg)\.json$/
/** Files of a training that are no SAE. */
const NOT_AN_SAE =
  /(^|\/)(sparsity|activations_store_state|optimizer|trainer_state|model(-\d+-of-\d+)?|pytorch_model[^/]*|training_args|log_feature_sparsity|examples)\.\w+$/
export const isSaeTensorFile = (path: string): boolean => isTensorFile(path) && !NOT_AN_SAE.test(path)

/** A repository has at most so many small files looked into; more are said to be more. */
const MAX_LOOKS = 400
const AT_ONCE = 8
/** Most headers fit; a longer one takes a second request. */
const FIRST_READ = 64 << 10
const MAX_HEADER = 100 << 20

/** A safetensors file on the hub: its header, by range requests. */
async function remoteHeader(address: HubAddress, file: HubFile): Promise<TensorFile> {
  const name = hubAddressText({ ...address, path: file.path })
  const first = await readHubRange(address, file.path, 0, Math.min(file.bytes, FIRST_READ))
  const length = first.length < 8 ? Infinity : Number(new DataView(first.buffer).getBigUint64(0, true))
  if (length > MAX_HEADER || 8 + length > file.bytes)
    throw problem('bad-file', name, 'it is not a safetensors file, or cut short')
  const whole = 8 + length <= first.length ? first : await readHubRange(address, file.path, 0, 8 + length)
  const json = new TextDecoder().decode(whole.subarray(8, 8 + length))
  const unread = (): never => {
    throw problem('not-available', name, 'only its header has been read')
  }
  return {
    ...fromSafetensors(parseHeader(name, json, 8 + length, file.bytes)),
    headerOnly: true,
    rows: unread,
  }
}

/** Does something for each, a few at a time; what fails is kept as its error. */
async function each<T, R>(items: readonly T[], make: (item: T) => Promise<R>): Promise<(R | Error)[]> {
  const out: (R | Error)[] = new Array<R | Error>(items.length)
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const i = next++
      out[i] = await make(items[i]).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return out
}

export interface HubFiles {
  files: SaeFiles
  /** Files that may be SAEs and whose headers cannot be read over the network. */
  unread: HubFile[]
  more: boolean
}

const given = <R>(value: R | Error | undefined, name: string): R => {
  if (value instanceof Error) throw value
  if (value === undefined) throw problem('not-available', name, 'it has not been read')
  return value
}

/** Configurations and safetensors headers of a listing, fetched; nothing large is. */
export async function hubFiles(address: HubAddress, listing: readonly HubFile[]): Promise<HubFiles> {
  const configurations = listing.filter(({ path }) => CONFIGURATION.test(path)).slice(0, MAX_LOOKS)
  const headers = listing
    .filter(({ path }) => path.endsWith('.safetensors') && isSaeTensorFile(path))
    .slice(0, MAX_LOOKS)
  const texts = await each(configurations, (file) => readHubText(address, file))
  const opened = await each(headers, (file) => remoteHeader(address, file))
  const json = new Map(configurations.map(({ path }, i) => [path, texts[i]]))
  const tensors = new Map(headers.map(({ path }, i) => [path, opened[i]]))
  // Only what has been looked at is there for the readers of formats.
  const names = [...json.keys(), ...tensors.keys()].sort()
  const where = hubAddressText({ ...address, path: '' })
  return {
    files: {
      where,
      names,
      has: (name) => json.has(posix.normalize(name)) || tensors.has(posix.normalize(name)),
      json: (name) => parseJson(given(json.get(posix.normalize(name)), name), `${where}/${name}`),
      tensors: (name) => given(tensors.get(posix.normalize(name)), name),
    },
    unread: listing.filter(({ path }) => isSaeTensorFile(path) && !path.endsWith('.safetensors')),
    more: configurations.length === MAX_LOOKS || headers.length === MAX_LOOKS,
  }
}

const parentOf = (path: string): string => (path.includes('/') ? posix.dirname(path) : '')

/** What is at an address: all files below a folder, or one file; with the configurations beside and above it. */
export async function listAround(address: HubAddress): Promise<{ listing: HubFile[]; isFile: boolean }> {
  const filesIn = async (path: string, recursive = false): Promise<HubEntry[]> =>
    listHub({ ...address, path }, { recursive })
  if (address.path === '') return { listing: onlyFiles(await filesIn('', true)), isFile: false }
  const parent = parentOf(address.path)
  const around = await filesIn(parent)
  const itself = around.find(({ path }) => path === address.path)
  if (!itself)
    throw problem(
      'not-found',
      hubAddressText(address),
      `the repository has no "${address.path}"`,
      'Check the spelling, or list the repository.',
    )
  const configurations = onlyFiles(around).filter(({ path }) => CONFIGURATION.test(path))
  if (itself.folder)
    return { listing: [...onlyFiles(await filesIn(address.path, true)), ...configurations], isFile: false }
  const above =
    parent === ''
      ? []
      : onlyFiles(await filesIn(parentOf(parent))).filter(({ path }) => CONFIGURATION.test(path))
  return { listing: [itself, ...configurations, ...above], isFile: true }
}
const onlyFiles = (entries: readonly HubEntry[]): HubEntry[] => entries.filter(({ folder }) => !folder)

/** Of what is around an address, the files that its one SAE needs: weights, what stands beside them and above. */
export function filesOfSae(listing: readonly HubFile[], path: string, isFile: boolean): HubFile[] {
  const folder = isFile ? parentOf(path) : path
  return listing.filter((file) => {
    const at = parentOf(file.path)
    const beside = at === folder || at === posix.join(folder, 'checkpoints')
    if (CONFIGURATION.test(file.path)) return beside || at === parentOf(folder)
    return isFile ? file.path === path : beside && isSaeTensorFile(file.path)
  })
}
