import { problem } from '#contract/problem.ts'
import { f16ToF32 } from './float16.ts'

// The .npy format: "\x93NUMPY", a version, the length of a header, the header as a Python dict, the values.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

const MAGIC = '\x93NUMPY'
/** Enough of a file to know how long its header is. */
export const NPY_PREFIX = 12

export interface NpyHeader {
  /** numpy's name of the type, e.g. "<f4". */
  descr: string
  shape: number[]
  fortranOrder: boolean
  itemBytes: number
  /** Where the values begin. */
  dataStart: number
}

const READ: Record<string, (bytes: Uint8Array<ArrayBuffer>) => Float32Array<ArrayBuffer>> = {
  f2: ({ buffer }) => f16ToF32(new Uint16Array(buffer)) as Float32Array<ArrayBuffer>,
  f4: ({ buffer }) => new Float32Array(buffer),
  f8: ({ buffer }) => Float32Array.from(new Float64Array(buffer)),
  i1: ({ buffer }) => Float32Array.from(new Int8Array(buffer)),
  i2: ({ buffer }) => Float32Array.from(new Int16Array(buffer)),
  i4: ({ buffer }) => Float32Array.from(new Int32Array(buffer)),
  i8: ({ buffer }) => Float32Array.from(new BigInt64Array(buffer), Number),
  u1: ({ buffer }) => Float32Array.from(new Uint8Array(buffer)),
  u2: ({ buffer }) => Float32Array.from(new Uint16Array(buffer)),
  u4: ({ buffer }) => Float32Array.from(new Uint32Array(buffer)),
  u8: ({ buffer }) => Float32Array.from(new BigUint64Array(buffer), Number),
  b1: ({ buffer }) => Float32Array.from(new Uint8Array(buffer)),
}
/** Little-endian, or of one byte. @throws Problem unsupported naming the type */
function kindOf(descr: string, subject: string): string {
  const kind = /^[<|=]([a-z]\d+)$/.exec(descr)?.[1]
  if (kind !== undefined && Object.hasOwn(READ, kind)) return kind
  throw problem(
    'unsupported',
    subject,
    `its values have the type ${descr}`,
    'Write it as little-endian numbers, for example with .astype("<f4").',
  )
}

const broken = (subject: string, what: string): Error =>
  problem('bad-file', subject, `its .npy header is broken: ${what}`, 'Write the file again.')

/** How many bytes there are before the values, from the first NPY_PREFIX bytes. */
export function npyHeaderBytes(prefix: Uint8Array, subject: string): number {
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength)
  if (String.fromCharCode(...prefix.subarray(0, MAGIC.length)) !== MAGIC)
    throw problem('bad-file', subject, 'it does not begin as a .npy does')
  return prefix[6] === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true)
}

/** Reads the header, given all bytes before the values. */
export function parseNpyHeader(bytes: Uint8Array, subject: string): NpyHeader {
  const text = new TextDecoder('latin1').decode(bytes.subarray(bytes[6] === 1 ? 10 : 12))
  const descr = /'descr':\s*'([^']+)'/.exec(text)?.[1]
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1]
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text)?.[1]
  if (descr === undefined) throw broken(subject, 'it names no type of plain numbers')
  if (order === undefined || shape === undefined) throw broken(subject, 'it has no shape or no order')
  const sizes = shape
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number)
  if (!sizes.every(Number.isSafeInteger)) throw broken(subject, `its shape is (${shape.slice(0, 80)})`)
  return {
    descr,
    shape: sizes,
    fortranOrder: order === 'True',
    itemBytes: Number(kindOf(descr, subject).slice(1)),
    dataStart: bytes.length,
  }
}

/** Values as float32; integers beyond 2^24 are rounded. */
export const npyValues = (descr: string, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> =>
  READ[kindOf(descr, descr)](bytes)
