import type { CatalogueRelease } from '#contract/sae.ts'
import { problem } from '#contract/problem.ts'

// The catalogue that SAELens publishes: pretrained_saes.yaml in its repository, one release after the other.

const ADDRESS = 'https://raw.githubusercontent.com/decoderesearch/SAELens/main/sae_lens/pretrained_saes.yaml'
const TIMEOUT_MS = 20_000
const MAX_BYTES = 32 << 20

const plain = (text: string): string => text.trim().replace(/^(['"])(.*)\1$/, '$2')

/** A field of a release (2 spaces in) or of one of its SAEs (a list, 4 in). */
function field(line: string): { ofSae: boolean; begins: boolean; key: string; value: string } | null {
  const match = /^ {2}(- | {2})?([a-z_0-9]+): (.*)$/.exec(line)
  return (
    match && {
      ofSae: match[1] !== undefined,
      begins: match[1] === '- ',
      key: match[2],
      value: plain(match[3]),
    }
  )
}

/** Puts one line of a release where it belongs. */
function take(release: CatalogueRelease, line: string, centred: boolean): void {
  const found = field(line)
  if (!found) return
  const { ofSae, begins, key, value } = found
  if (!ofSae && key === 'repo_id') release.repo = value
  if (!ofSae && key === 'model') release.model = value
  if (begins) release.saes.push({ id: '', path: '', set: centred ? { centring: 'activations centred' } : {} })
  const sae = release.saes.at(-1)
  if (!ofSae || !sae) return
  if (key === 'id') sae.id = value
  if (key === 'path') sae.path = `${release.repo}/${value}`
  if (key === 'norm_scaling_factor' && Number(value) > 0) sae.set['scale'] = value
}

/**
 * Reads the catalogue. It is YAML of one shape, written by a program: releases at column 0, their fields at 2, those of an
 * SAE in a list, at 4. What the files themselves do not say is kept for the import: the factor that inputs were scaled by,
 * and whether activations were centred. Everything else in it is left out.
 */
export function parseCatalogue(yaml: string): CatalogueRelease[] {
  const releases: CatalogueRelease[] = []
  let centred = false
  for (const line of yaml.split(/\r?\n/)) {
    const name = /^([^\s#:][^:]*):\s*$/.exec(line)
    if (name) {
      releases.push({ release: plain(name[1]), repo: '', model: '', saes: [] })
      centred = false
    }
    if (/^ +center_writing_weights: true\s*$/.test(line)) centred = true
    const last = releases.at(-1)
    if (last) take(last, line, centred)
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
