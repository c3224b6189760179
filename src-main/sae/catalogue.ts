import type { CatalogueRelease } from '#contract/sae.ts'
import { problem } from '#contract/problem.ts'

// The catalogue that SAELens publishes: pretrained_saes.yaml in its repository, one release after the other.

const ADDRESS = 'https://raw.githubusercontent.com/decoderesearch/SAELens/main/sae_lens/pretrained_saes.yaml'
const TIMEOUT_MS = 20_000
const MAX_BYTES = 32 << 20

const plain = (text: string): string => text.trim().replace(/^(['"])(.*)\1$/, '$2')

/**
 * Reads the catalogue. It is YAML of one shape, written by a program: releases at column 0, their repo_id, model and
 * saes at 2, id and path of an SAE at 4. Everything else in it is left out.
 */
export function parseCatalogue(yaml: string): CatalogueRelease[] {
  const releases: CatalogueRelease[] = []
  for (const line of yaml.split(/\r?\n/)) {
    const release = /^([^\s#:][^:]*):\s*$/.exec(line)
    if (release) releases.push({ release: plain(release[1]), repo: '', model: '', saes: [] })
    const last = releases.at(-1)
    const field = /^ {2}(?:- | {2})?(repo_id|model|id|path): (.*)$/.exec(line)
    if (!last || !field) continue
    const [whole, key, value] = field
    const nested = whole.startsWith('    ')
    if (!nested && key === 'repo_id') last.repo = plain(value)
    else if (!nested && key === 'model') last.model = plain(value)
    else if (whole.startsWith('  - ') && key === 'id') last.saes.push({ id: plain(value), path: '' })
    else if (nested && key === 'path' && last.saes.length > 0)
      last.saes[last.saes.length - 1].path = [last.repo, plain(value)].join('/')
  }
  return releases.filter(({ repo, saes }) => repo !== '' && saes.length > 0)
}

/** The published catalogue. @throws Problem not-available, with what stood in the way. */
export async function fetchCatalogue(address = ADDRESS): Promise<CatalogueRelease[]> {
  const unavailable = (why: string): never => {
    throw problem(
      'not-available',
      'the SAELens catalogue',
      `it is not available because ${why}`,
      'Give the address of a repository instead: org/name.',
    )
  }
  let text: string
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!answer.ok) return unavailable(`${new URL(address).host} answered ${answer.status}`)
    text = await answer.text()
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return unavailable(`${new URL(address).host} cannot be reached (${cause})`)
  }
  const releases = text.length <= MAX_BYTES ? parseCatalogue(text) : []
  return releases.length > 0 ? releases : unavailable('what was fetched has no releases in it')
}
