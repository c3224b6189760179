import { closeSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** A file of an archive: in it at an offset after the header, or beside it in the folder "….unpacked". */
export interface AsarFile {
  path: string
  bytes: number
  /** null: unpacked. */
  offset: number | null
}
interface Entry {
  size?: number
  offset?: string
  unpacked?: boolean
  files?: Record<string, Entry>
}
const Entry: z.ZodType<Entry> = z.object({
  size: z.int().optional(),
  offset: z.string().optional(),
  unpacked: z.boolean().optional(),
  get files() {
    return z.record(z.string(), Entry).optional()
  },
})

const readBytes = (fd: number, at: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  if (readSync(fd, bytes, 0, length, at) !== length) throw new Error('the archive is too short')
  return bytes
}

function* walk(entry: Entry, path: string, dataAt: number): Generator<AsarFile> {
  for (const [name, child] of Object.entries(entry.files ?? {})) {
    const below = path ? `${path}/${name}` : name
    if (child.files) yield* walk(child, below, dataAt)
    else
      yield {
        path: below,
        bytes: child.size ?? 0,
        offset: child.unpacked ? null : dataAt + Number(child.offset),
      }
  }
}

/** What an asar archive holds. Its layout: four 32-bit sizes, a JSON header, then the files one after the other. */
export function listAsar(archive: string): AsarFile[] {
  const fd = openSync(archive, 'r')
  try {
    const sizes = readBytes(fd, 0, 16)
    const header = readBytes(fd, 16, sizes.readUInt32LE(12)).toString('utf8')
    return [...walk(Entry.parse(JSON.parse(header)), '', 8 + sizes.readUInt32LE(4))]
  } finally {
    closeSync(fd)
  }
}

/** Writes the files that are in the archive itself into a folder; the unpacked ones are beside it already. */
export function extractAsar(archive: string, to: string): void {
  const fd = openSync(archive, 'r')
  try {
    for (const { path, bytes, offset } of listAsar(archive)) {
      if (offset === null) continue
      const file = join(to, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, readBytes(fd, offset, bytes))
    }
  } finally {
    closeSync(fd)
  }
}
