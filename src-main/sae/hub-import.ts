import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { JobControl } from '#contract/job.ts'
import { problem, ProblemError } from '#contract/problem.ts'
import type { SaeFormatName } from '#contract/sae.ts'
import { downloadHubFile, hubAddressText, parseHubAddress, type HubAddress } from '../store/hub.ts'
import { findSaes, saeInFolder, type Findings } from './formats/index.ts'
import { filesOfSae, hubFiles, listAround } from './hub-files.ts'

/** An address on the hub, where a path is one and nothing on this machine has that name. */
export const hubAddressOf = (path: string): HubAddress | null =>
  existsSync(path) ? null : parseHubAddress(path)

export interface HubFindings extends Findings {
  /** May be SAEs; what is in them is known after download. */
  unread: { path: string; bytes: number }[]
}

/** What was typed may have been meant as a path. */
function notHereEither(error: unknown): never {
  if (!(error instanceof ProblemError)) throw error
  const { code, subject, message, next } = error.problem
  throw problem(
    code,
    subject,
    `there is no such file or folder on this machine, and of the hub: ${message}`,
    next,
  )
}

/** The SAEs at an address, from a listing, configurations and safetensors headers; no weights are downloaded. */
export async function findOnHub(address: HubAddress, format?: SaeFormatName): Promise<HubFindings> {
  const { listing, isFile } = await listAround(address).catch(notHereEither)
  const { files, unread, more } = await hubFiles(address, listing)
  const wanted = unread.filter(({ path }) => path === address.path || !isFile)
  const named = wanted.map(({ path, bytes }) => ({ path: hubAddressText({ ...address, path }), bytes }))
  const itself = isFile ? null : saeInFolder(files, address.path, format)
  const findings = itself ? { found: [itself], broken: [], more: false } : findSaes(files, format)
  const inside = findings.found.filter(({ path }) => path.startsWith(hubAddressText(address)))
  return { ...findings, found: inside, unread: named, more: more || findings.more }
}

/** What one SAE at an address takes to download. @throws Problem when there is none, or more than one. */
async function filesToDownload(address: HubAddress): Promise<{ path: string; bytes: number }[]> {
  const { listing, isFile } = await listAround(address)
  const files = filesOfSae(listing, address.path, isFile)
  const weights = files.filter(({ path }) => !path.endsWith('.json'))
  if (weights.length === 0)
    throw problem(
      'not-found',
      hubAddressText(address),
      'there are no tensors of an SAE here',
      'List the repository, and choose a folder or a file of it.',
    )
  return files
}

/**
 * Downloads the files of one SAE into a folder, with the repository's name and folders kept, because releases say things
 * in them. Gone on with where it was. Returns the path of the SAE there.
 */
export async function downloadSae(address: HubAddress, into: string, control: JobControl): Promise<string> {
  const files = await filesToDownload(address)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let before = 0
  for (const file of files) {
    await downloadHubFile(address, file, join(into, address.repo, file.path), (bytes) => {
      control.report('Downloading', before + bytes, total, 'bytes')
      control.checkpoint()
    })
    before += file.bytes
  }
  return join(into, address.repo, address.path)
}
