import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { writeAtomically } from '../store/atomic.ts'

// The cache that all of Hugging Face's libraries share, so that nothing is downloaded twice:
//   models--org--name/blobs/<hash>                          the bytes, by content
//   models--org--name/snapshots/<commit>/config.json        links into blobs
//   models--org--name/refs/main                             the commit a branch was at
// https://huggingface.co/docs/huggingface_hub/guides/manage-cache

/** HF_HUB_CACHE, or "hub" in HF_HOME, or in the user's cache folder. */
export function cacheFolder(): string {
  const { HF_HUB_CACHE: hub, HF_HOME: home, XDG_CACHE_HOME: cache } = process.env
  return hub || join(home || join(cache || join(homedir(), '.cache'), 'huggingface'), 'hub')
}

/** The folder itself, or the nearest one above it that is there. */
export const nearestFolder = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path))

/** One repository in the cache. */
export class CachedRepository {
  readonly folder: string
  /** @param repo "org/name" */
  constructor(repo: string) {
    this.folder = join(cacheFolder(), `models--${repo.replace('/', '--')}`)
  }

  blob(hash: string): string {
    return join(this.folder, 'blobs', hash)
  }

  snapshot(commit: string): string {
    return join(this.folder, 'snapshots', commit)
  }

  /** The commit that a branch, tag or commit had when it was last fetched. */
  commitOf(revision: string): string | null {
    if (existsSync(this.snapshot(revision))) return revision
    const ref = join(this.folder, 'refs', revision)
    return existsSync(ref) ? readFileSync(ref, 'utf8').trim() : null
  }

  setCommit(revision: string, commit: string): void {
    if (revision === commit) return
    const ref = join(this.folder, 'refs', revision)
    mkdirSync(dirname(ref), { recursive: true })
    writeAtomically(ref, (put) => put(new TextEncoder().encode(commit)))
  }

  /** Removes what unfinished downloads left. */
  removeParts(): void {
    const blobs = join(this.folder, 'blobs')
    if (!existsSync(blobs)) return
    for (const name of readdirSync(blobs)) if (name.endsWith('.part')) rmSync(join(blobs, name))
  }

  /** Gives a blob its name in a snapshot: a link, or the file itself where links are not allowed (Windows). */
  link(hash: string, commit: string, name: string): void {
    const at = join(this.snapshot(commit), name)
    if (existsSync(at)) return
    mkdirSync(dirname(at), { recursive: true })
    try {
      symlinkSync(relative(dirname(at), this.blob(hash)), at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
      renameSync(this.blob(hash), at)
    }
  }
}

/** Bytes in the whole cache: what its links point to is counted once, where it lies. */
export async function cacheBytes(): Promise<number> {
  const files = await readdir(cacheFolder(), { recursive: true, withFileTypes: true }).catch(() => [])
  let bytes = 0
  for (const file of files)
    if (file.isFile()) bytes += (await stat(join(file.parentPath, file.name)).catch(() => null))?.size ?? 0
  return bytes
}
