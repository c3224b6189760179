import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { writeAtomically } from './atomic.ts'
import { bf16ToF32, f16ToF32 } from './float16.ts'

// The safetensors format: u64 little-endian length of a JSON header, the header, then the tensors' bytes.
// https://huggingface.co/docs/safetensors: offsets are relative to the end of the header.

const BYTES = {
  F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1,
} as const // prettier-ignore
export type Dtype = keyof typeof BYTES
const MAX_HEADER = 100 << 20

const Entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
})
export interface TensorEntry {
  dtype: Dtype
  shape: number[]
  /** Absolute position in the file. */
  offset: number
  bytes: number
}

/** A safetensors file whose header has been read and checked against the file's size. */
export class Safetensors {
  readonly file: string
  readonly tensors: ReadonlyMap<string, TensorEntry>
  readonly metadata: Readonly<Record<string, string>>
  constructor(file: string, tensors: Map<string, TensorEntry>, metadata: Record<string, string>) {
    this.file = file
    this.tensors = tensors
    this.metadata = metadata
  }

  /** @throws Problem naming the tensor and what the file has instead. */
  entry(name: string): TensorEntry {
    const found = this.tensors.get(name)
    if (found) return found
    const has = [...this.tensors.keys()].slice(0, 12).join(', ')
    throw problem('bad-file', this.file, `it has no tensor "${name}" (it has ${has || 'none'})`)
  }

  /** The raw bytes of rows [from, to) of a tensor's first dimension. */
  readBytes(name: string, from = 0, to?: number): Uint8Array<ArrayBuffer> {
    const entry = this.entry(name)
    const rows = entry.shape[0] ?? 1
    const end = to ?? rows
    if (from < 0 || end > rows || from > end)
      throw problem(
        'bad-input',
        this.file,
        `rows ${from} to ${end} of "${name}" were asked for, it has ${rows}`,
      )
    const perRow = rows === 0 ? 0 : entry.bytes / rows
    const out = new Uint8Array((end - from) * perRow)
    const fd = openSync(this.file, 'r')
    try {
      readFully(fd, out, entry.offset + from * perRow, this.file)
    } finally {
      closeSync(fd)
    }
    return out
  }

  /** Floats of any precision as float32, all or rows [from, to). */
  readF32(name: string, from = 0, to?: number): Float32Array<ArrayBuffer> {
    const { dtype } = this.entry(name)
    const { buffer } = this.readBytes(name, from, to)
    switch (dtype) {
      case 'F32':
        return new Float32Array(buffer)
      case 'F16':
        return f16ToF32(new Uint16Array(buffer)) as Float32Array<ArrayBuffer>
      case 'BF16':
        return bf16ToF32(new Uint16Array(buffer)) as Float32Array<ArrayBuffer>
      case 'F64':
        return Float32Array.from(new Float64Array(buffer))
      default:
        throw problem(
          'bad-file',
          this.file,
          `"${name}" has type ${dtype}, a floating-point tensor is expected`,
        )
    }
  }

  /** Integers of any width as int32. @throws Problem when one does not fit. */
  readI32(name: string, from = 0, to?: number): Int32Array<ArrayBuffer> {
    const { dtype } = this.entry(name)
    const { buffer } = this.readBytes(name, from, to)
    switch (dtype) {
      case 'I32':
        return new Int32Array(buffer)
      case 'I64':
      case 'U64': {
        const wide = new BigInt64Array(buffer)
        return Int32Array.from(wide, (v, i) => {
          if (v !== BigInt.asIntN(32, v))
            throw problem('bad-file', this.file, `"${name}" holds ${v} at ${i}, more than 32 bits`)
          return Number(v)
        })
      }
      case 'U32':
        return Int32Array.from(new Uint32Array(buffer))
      case 'I16':
        return Int32Array.from(new Int16Array(buffer))
      case 'U16':
        return Int32Array.from(new Uint16Array(buffer))
      case 'I8':
        return Int32Array.from(new Int8Array(buffer))
      case 'U8':
      case 'BOOL':
        return Int32Array.from(new Uint8Array(buffer))
      default:
        throw problem('bad-file', this.file, `"${name}" has type ${dtype}, an integer tensor is expected`)
    }
  }
}

function readFully(fd: number, out: Uint8Array, position: number, file: string): void {
  for (let at = 0; at < out.length;) {
    // One read takes at most 2 GiB.
    const n = readSync(fd, out, at, Math.min(out.length - at, 1 << 30), position + at)
    if (n === 0)
      throw problem('bad-file', file, `it ends at byte ${position + at}, in the middle of a tensor`)
    at += n
  }
}

/** Reads and checks a header: JSON, known dtypes, sizes that match shapes, no overlap, no byte beyond the end. */
export function parseHeader(file: string, json: string, dataStart: number, fileBytes: number): Safetensors {
  const broken = (what: string): never => {
    throw problem(
      'bad-file',
      file,
      `its safetensors header is broken: ${what}`,
      'Download or export the file again.',
    )
  }
  let raw: unknown
  try {
    raw = JSON.parse(json)
  } catch {
    return broken('it is not JSON')
  }
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return broken('it is not an object')
  const { __metadata__: meta = {}, ...entries } = raw as Record<string, unknown>
  const metadata = z.record(z.string(), z.string()).safeParse(meta)
  const tensors = new Map<string, TensorEntry>()
  for (const [name, value] of Object.entries(entries)) {
    const entry = Entry.safeParse(value)
    if (!entry.success) return broken(`the entry of "${name}" has no dtype, shape or data_offsets`)
    const { dtype, shape, data_offsets: [from, to] } = entry.data // prettier-ignore
    if (!Object.hasOwn(BYTES, dtype)) return broken(`"${name}" has the unknown type ${dtype}`)
    const bytes = shape.reduce((n, size) => n * size, BYTES[dtype as Dtype])
    if (!Number.isSafeInteger(bytes) || to - from !== bytes)
      return broken(
        `"${name}" of shape [${shape.join(', ')}] and type ${dtype} needs ${bytes} bytes, it is given ${to - from}`,
      )
    if (dataStart + to > fileBytes)
      return broken(`"${name}" ends at byte ${dataStart + to}, the file has ${fileBytes}`)
    tensors.set(name, { dtype: dtype as Dtype, shape, offset: dataStart + from, bytes })
  }
  let end = dataStart
  for (const [name, entry] of [...tensors].sort(
    (a, b) => a[1].offset - b[1].offset || a[1].bytes - b[1].bytes,
  )) {
    if (entry.offset < end) return broken(`"${name}" overlaps the tensor before it`)
    end = entry.offset + entry.bytes
  }
  return new Safetensors(file, tensors, metadata.success ? metadata.data : {})
}

/** Opens a safetensors file: reads its header only. @throws Problem bad-file with what is wrong and where. */
export function openSafetensors(file: string): Safetensors {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch {
    throw problem('not-found', file, 'there is no such file, or it cannot be read')
  }
  try {
    const size = fstatSync(fd).size
    const head = new Uint8Array(8)
    if (size < 8) throw problem('bad-file', file, `it has ${size} bytes, too few for a safetensors file`)
    readFully(fd, head, 0, file)
    const length = Number(new DataView(head.buffer).getBigUint64(0, true))
    if (length > MAX_HEADER || 8 + length > size)
      throw problem(
        'bad-file',
        file,
        `its first 8 bytes say a header of ${length} bytes, the file has ${size}: not a safetensors file, or cut short`,
      )
    const header = new Uint8Array(length)
    readFully(fd, header, 8, file)
    return parseHeader(file, new TextDecoder().decode(header), 8 + length, size)
  } finally {
    closeSync(fd)
  }
}

export interface TensorToWrite {
  dtype: Dtype
  shape: readonly number[]
  /** The bytes in order, in as many pieces as suits the writer; counted against the shape. */
  pieces: Iterable<ArrayBufferView>
}
export const f32Tensor = (shape: readonly number[], data: Float32Array): TensorToWrite => ({
  dtype: 'F32',
  shape,
  pieces: [data],
})

/** Writes a safetensors file atomically, a piece at a time: nothing larger than a piece is held. */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, TensorToWrite>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  let at = 0
  const header: Record<string, unknown> = Object.keys(metadata).length ? { __metadata__: metadata } : {}
  const sizes = new Map<string, number>()
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    const bytes = shape.reduce((n, size) => n * size, BYTES[dtype])
    header[name] = { dtype, shape, data_offsets: [at, at + bytes] }
    sizes.set(name, bytes)
    at += bytes
  }
  const json = JSON.stringify(header)
  const text = new TextEncoder().encode(json)
  const head = new Uint8Array(8 + ((text.length + 7) & ~7)).fill(0x20)
  head.set(text, 8)
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true)
  writeAtomically(file, (put) => {
    put(head)
    for (const [name, { pieces }] of Object.entries(tensors)) {
      let written = 0
      for (const piece of pieces) {
        put(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength))
        written += piece.byteLength
      }
      if (written !== sizes.get(name))
        throw new Error(`tensor ${name}: ${written} bytes were given for a shape of ${sizes.get(name)}`)
    }
  })
}
