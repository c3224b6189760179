import { crc32 } from 'node:zlib'
import { problem } from '#contract/problem.ts'
import { writeAtomically } from './atomic.ts'

/** A file to put into an archive. `pieces` is gone through twice: once for the checksum, once to write. */
export interface ZipPart {
  name: string
  bytes: number
  pieces(): Iterable<ArrayBufferView>
}

const MAX_BYTES = 0xffffffff
/** Values begin at multiples of this, so that readers may map them into memory (as torch.save and numpy do). */
const ALIGN = 64

export const textPart = (name: string, text: string | Uint8Array): ZipPart => {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return { name, bytes: bytes.length, pieces: () => [bytes] }
}
const asBytes = (view: ArrayBufferView): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength)

/** The fields that a local header and a directory entry share, from the version needed to the extra field's length. */
function sharedFields(
  view: DataView,
  at: number,
  part: ZipPart,
  crc: number,
  nameBytes: number,
  extraBytes: number,
): void {
  view.setUint16(at, 20, true)
  view.setUint16(at + 2, 0x0800, true) // names are UTF-8
  view.setUint32(at + 6, 0x00210000, true) // 1980-01-01: the same file each time
  view.setUint32(at + 10, crc, true)
  view.setUint32(at + 14, part.bytes, true)
  view.setUint32(at + 18, part.bytes, true)
  view.setUint16(at + 22, nameBytes, true)
  view.setUint16(at + 24, extraBytes, true)
}

function localHeader(part: ZipPart, crc: number, offset: number): Uint8Array {
  const name = new TextEncoder().encode(part.name)
  // An extra field needs 4 bytes for itself.
  const extra = 4 + ((ALIGN - ((offset + 30 + name.length + 4) % ALIGN)) % ALIGN)
  const out = new Uint8Array(30 + name.length + extra)
  const view = new DataView(out.buffer)
  view.setUint32(0, 0x04034b50, true)
  sharedFields(view, 4, part, crc, name.length, extra)
  out.set(name, 30)
  view.setUint16(30 + name.length, 0x4246, true) // "FB", the id that torch pads with
  view.setUint16(32 + name.length, extra - 4, true)
  return out
}

function directoryEntry(part: ZipPart, crc: number, offset: number): Uint8Array {
  const name = new TextEncoder().encode(part.name)
  const out = new Uint8Array(46 + name.length)
  const view = new DataView(out.buffer)
  view.setUint32(0, 0x02014b50, true)
  view.setUint16(4, 20, true)
  sharedFields(view, 6, part, crc, name.length, 0)
  view.setUint32(42, offset, true)
  out.set(name, 46)
  return out
}

function endRecord(count: number, size: number, offset: number): Uint8Array {
  const out = new Uint8Array(22)
  const view = new DataView(out.buffer)
  view.setUint32(0, 0x06054b50, true)
  view.setUint16(8, count, true)
  view.setUint16(10, count, true)
  view.setUint32(12, size, true)
  view.setUint32(16, offset, true)
  return out
}

/** Writes an uncompressed zip archive atomically, a piece at a time. @throws Problem beyond 4 GiB. */
export function writeZip(file: string, parts: readonly ZipPart[]): void {
  const total = parts.reduce((sum, part) => sum + part.bytes + 256, 0)
  if (total > MAX_BYTES)
    throw problem(
      'unsupported',
      file,
      `it would have ${total} bytes, an archive of ours holds 4 GiB`,
      'Export safetensors.',
    )
  writeAtomically(file, (put) => {
    let at = 0
    const directory: Uint8Array[] = []
    for (const part of parts) {
      let crc = 0
      for (const piece of part.pieces()) crc = crc32(asBytes(piece), crc)
      directory.push(directoryEntry(part, crc, at))
      const header = localHeader(part, crc, at)
      put(header)
      for (const piece of part.pieces()) put(asBytes(piece))
      at += header.length + part.bytes
    }
    for (const entry of directory) put(entry)
    put(
      endRecord(
        parts.length,
        directory.reduce((sum, entry) => sum + entry.length, 0),
        at,
      ),
    )
  })
}
