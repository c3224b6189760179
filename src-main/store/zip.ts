import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'
import { problem } from '#contract/problem.ts'

// Zip archives as torch.save and numpy.savez write them (APPNOTE.TXT 6.3): read by their central directory, every
// offset and size checked against the file before anything is allocated.

export interface ZipEntry {
  name: string
  /** Bytes once unpacked. */
  size: number
  compressedSize: number
  /** 0 stored, 8 deflated. */
  method: number
  /** Where the entry's local header begins. */
  header: number
}

const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const END_BYTES = 22
const MAX_COMMENT = 0xffff
const MAX_DIRECTORY = 256 << 20
const MAX_ENTRIES = 200_000
/** Deflate cannot do better than 1032 : 1, so a claim beyond that is a lie. */
const MAX_RATIO = 1032

/** A zip archive whose directory has been read and checked. */
export class Zip {
  readonly file: string
  readonly entries: ReadonlyMap<string, ZipEntry>
  readonly #size: number
  constructor(file: string, entries: ReadonlyMap<string, ZipEntry>, size: number) {
    this.file = file
    this.entries = entries
    this.#size = size
  }

  entry(name: string): ZipEntry {
    const found = this.entries.get(name)
    if (!found) throw problem('bad-file', this.file, `the archive has no "${name}"`)
    return found
  }

  /** Where a stored entry's bytes begin in the file, so that parts of it can be read. */
  dataStart(entry: ZipEntry): number {
    const head = this.#bytes(entry.header, 30)
    const view = new DataView(head.buffer)
    if (view.getUint32(0, true) !== LOCAL)
      return this.#broken(`"${entry.name}" does not begin where the directory says`)
    const start = entry.header + 30 + view.getUint16(26, true) + view.getUint16(28, true)
    if (start + entry.compressedSize > this.#size) return this.#broken(`"${entry.name}" ends beyond the file`)
    return start
  }

  /** All bytes of an entry, unpacked. */
  read(entry: ZipEntry): Uint8Array<ArrayBuffer> {
    const packed = this.#bytes(this.dataStart(entry), entry.compressedSize)
    if (entry.method === 0) return packed
    try {
      const out = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) })
      if (out.length === entry.size) return new Uint8Array(out)
    } catch {
      // Said below.
    }
    return this.#broken(`"${entry.name}" does not unpack to the ${entry.size} bytes it says`)
  }

  /** Bytes [from, to) of a stored entry. */
  readRange(entry: ZipEntry, from: number, to: number): Uint8Array<ArrayBuffer> {
    if (entry.method !== 0 || from < 0 || to > entry.size || from > to)
      return this.#broken(`bytes ${from} to ${to} of "${entry.name}" were asked for, it has ${entry.size}`)
    return this.#bytes(this.dataStart(entry) + from, to - from)
  }

  #bytes(position: number, length: number): Uint8Array<ArrayBuffer> {
    const fd = openSync(this.file, 'r')
    try {
      return readAt(fd, position, length, this.file)
    } finally {
      closeSync(fd)
    }
  }

  #broken(what: string): never {
    return broken(this.file, what)
  }
}

function broken(file: string, what: string): never {
  throw problem('bad-file', file, `the archive is broken: ${what}`, 'Download or export the file again.')
}

function readAt(fd: number, position: number, length: number, file: string): Uint8Array<ArrayBuffer> {
  if (position < 0 || position + length > fstatSync(fd).size)
    return broken(file, `it ends before byte ${position + length}`)
  const out = new Uint8Array(length)
  for (let at = 0; at < length;) {
    const n = readSync(fd, out, at, Math.min(length - at, 1 << 30), position + at)
    if (n === 0) return broken(file, `it ends at byte ${position + at}`)
    at += n
  }
  return out
}

interface Directory {
  offset: number
  size: number
  count: number
}

/** The 64-bit end record, where the 32-bit one has no room. */
function directory64(fd: number, endAt: number, file: string): Directory {
  const locator = new DataView(readAt(fd, endAt - 20, 20, file).buffer)
  if (locator.getUint32(0, true) !== LOCATOR_64) return broken(file, 'its 64-bit directory is missing')
  const view = new DataView(readAt(fd, Number(locator.getBigUint64(8, true)), 56, file).buffer)
  if (view.getUint32(0, true) !== END_64) return broken(file, 'its 64-bit directory is not where it says')
  return {
    count: Number(view.getBigUint64(32, true)),
    size: Number(view.getBigUint64(40, true)),
    offset: Number(view.getBigUint64(48, true)),
  }
}

function findDirectory(fd: number, size: number, file: string): Directory {
  if (size < END_BYTES) return broken(file, `it has ${size} bytes`)
  const tailAt = Math.max(0, size - END_BYTES - MAX_COMMENT)
  const tail = readAt(fd, tailAt, size - tailAt, file)
  const view = new DataView(tail.buffer)
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END) continue
    const found = {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    }
    const needs64 = found.count === 0xffff || found.size === 0xffffffff || found.offset === 0xffffffff
    return needs64 ? directory64(fd, tailAt + at, file) : found
  }
  return broken(file, 'it has no end record: not a zip archive, or cut short')
}

/** 64-bit sizes are in an extra field, in the order of the 32-bit ones that are all ones. */
function sizes64(extra: DataView, wants: boolean[]): (number | undefined)[] {
  for (let at = 0; at + 4 <= extra.byteLength; at += 4 + extra.getUint16(at + 2, true)) {
    if (extra.getUint16(at, true) !== 1) continue
    const end = Math.min(extra.byteLength, at + 4 + extra.getUint16(at + 2, true))
    let next = at + 4
    return wants.map((wanted) => {
      if (!wanted || next + 8 > end) return undefined
      next += 8
      return Number(extra.getBigUint64(next - 8, true))
    })
  }
  return []
}

function parseDirectory(
  bytes: Uint8Array<ArrayBuffer>,
  count: number,
  size: number,
  file: string,
): Map<string, ZipEntry> {
  const view = new DataView(bytes.buffer)
  const entries = new Map<string, ZipEntry>()
  let at = 0
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL)
      return broken(file, `entry ${i} of its directory is not one`)
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) =>
      view.getUint16(at + offset, true),
    )
    const end = at + 46 + nameBytes + extraBytes + commentBytes
    if (end > bytes.length) return broken(file, `entry ${i} of its directory ends beyond it`)
    const small = [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]
    const large = sizes64(
      new DataView(bytes.buffer, at + 46 + nameBytes, extraBytes),
      small.map((n) => n === 0xffffffff),
    )
    const [unpacked, packed, header] = small.map((n, j) => large[j] ?? n)
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes))
    const entry = {
      name,
      size: unpacked,
      compressedSize: packed,
      header,
      method: view.getUint16(at + 10, true),
    }
    checkEntry(entry, (view.getUint16(at + 8, true) & 1) === 1, size, file)
    entries.set(name, entry)
    at = end
  }
  return entries
}

function checkEntry(entry: ZipEntry, encrypted: boolean, fileSize: number, file: string): void {
  const { name, size, compressedSize, method, header } = entry
  if (encrypted) broken(file, `"${name}" is encrypted`)
  if (method !== 0 && method !== 8)
    broken(file, `"${name}" is packed by method ${method}; stored and deflated are read`)
  if (header + 30 + compressedSize > fileSize) broken(file, `"${name}" ends beyond the file`)
  if (method === 0 ? size !== compressedSize : size > compressedSize * MAX_RATIO)
    broken(file, `"${name}" of ${compressedSize} bytes cannot hold ${size}`)
}

/** Opens a zip archive: reads its directory only. @throws Problem bad-file with what is wrong. */
export function openZip(file: string): Zip {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch {
    throw problem('not-found', file, 'there is no such file, or it cannot be read')
  }
  try {
    const { size } = fstatSync(fd)
    const directory = findDirectory(fd, size, file)
    if (
      directory.count > MAX_ENTRIES ||
      directory.size > MAX_DIRECTORY ||
      directory.count * 46 > directory.size
    )
      broken(file, `its directory says ${directory.count} entries in ${directory.size} bytes`)
    const bytes = readAt(fd, directory.offset, directory.size, file)
    return new Zip(file, parseDirectory(bytes, directory.count, size, file), size)
  } finally {
    closeSync(fd)
  }
}
