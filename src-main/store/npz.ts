import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { problem } from '#contract/problem.ts'
import { NPY_PREFIX, npyHeaderBytes, npyValues, parseNpyHeader, type NpyHeader } from './npy.ts'
import { runsOf, sizeOf, type TensorFile } from './tensor-file.ts'
import { openZip, type Zip, type ZipEntry } from './zip.ts'

/** Gives bytes [from, to) of one .npy. */
type ReadBytes = (from: number, to: number) => Uint8Array<ArrayBuffer>

interface NpyInFile {
  header: NpyHeader
  read: ReadBytes
}

/** Reads and checks the header of a .npy of so many bytes. */
function npyOf(read: ReadBytes, size: number, subject: string): NpyInFile {
  if (size < NPY_PREFIX) throw problem('bad-file', subject, `it has ${size} bytes, too few for a .npy`)
  const headerBytes = npyHeaderBytes(read(0, NPY_PREFIX), subject)
  if (headerBytes > size)
    throw problem('bad-file', subject, `its header of ${headerBytes} bytes ends beyond it`)
  const header = parseNpyHeader(read(0, headerBytes), subject)
  const needs = sizeOf(header.shape) * header.itemBytes
  if (header.dataStart + needs > size)
    throw problem(
      'bad-file',
      subject,
      `its shape [${header.shape.join(', ')}] needs ${needs} bytes, it has ${size - header.dataStart}`,
    )
  return { header, read }
}

/** Values in C order, in runs of whole rows. */
function* rowsOf({ header, read }: NpyInFile, subject: string): Generator<Float32Array> {
  const { shape, itemBytes, dataStart, descr, fortranOrder } = header
  if (fortranOrder && shape.length > 2)
    throw problem('unsupported', subject, `it is in Fortran order with ${shape.length} dimensions`)
  const width = sizeOf(shape.slice(1))
  if (fortranOrder && shape.length === 2)
    return yield fromFortran(npyValues(descr, readAll({ header, read })), shape)
  for (const [from, to] of runsOf(shape[0] ?? 1, width))
    yield npyValues(descr, read(dataStart + from * width * itemBytes, dataStart + to * width * itemBytes))
}

const readAll = ({ header, read }: NpyInFile): Uint8Array<ArrayBuffer> =>
  read(header.dataStart, header.dataStart + sizeOf(header.shape) * header.itemBytes)

/** numpy.savez keeps the order of an array; a transposed one has its columns together. */
function fromFortran(values: Float32Array, [rows, columns]: number[]): Float32Array {
  const out = new Float32Array(values.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[r * columns + c] = values[c * rows + r]
  return out
}

const tensorFile = (file: string, arrays: ReadonlyMap<string, NpyInFile>): TensorFile => ({
  file,
  tensors: new Map(
    [...arrays].map(([name, { header }]) => [name, { dtype: header.descr, shape: header.shape }]),
  ),
  values: new Map(),
  *rows(name) {
    const found = arrays.get(name)
    if (!found)
      throw problem('bad-file', file, `it has no array "${name}" (it has ${[...arrays.keys()].join(', ')})`)
    yield* rowsOf(found, `${file} (${name})`)
  },
})

/** Stored entries are read in parts; a deflated one is unpacked once, when first read. */
function entryReader(zip: Zip, entry: ZipEntry): ReadBytes {
  if (entry.method === 0) return (from, to) => zip.readRange(entry, from, to)
  let unpacked: WeakRef<Uint8Array<ArrayBuffer>> | undefined
  return (from, to) => {
    const bytes = unpacked?.deref() ?? zip.read(entry)
    unpacked = new WeakRef(bytes)
    return bytes.slice(from, to)
  }
}

/** Opens a .npz as a file of tensors: headers only. @throws Problem bad-file or unsupported. */
export function openNpz(file: string): TensorFile {
  const zip = openZip(file)
  const arrays = new Map<string, NpyInFile>()
  for (const entry of zip.entries.values())
    if (entry.name.endsWith('.npy'))
      arrays.set(
        entry.name.slice(0, -4),
        npyOf(entryReader(zip, entry), entry.size, `${file} (${entry.name})`),
      )
  return tensorFile(file, arrays)
}

/** The name of the one array of a .npy. */
export const NPY_ARRAY = 'array'

/** Opens a .npy as a file of one tensor, called "array". */
export function openNpy(file: string): TensorFile {
  const read: ReadBytes = (from, to) => {
    const fd = openSync(file, 'r')
    try {
      const out = new Uint8Array(to - from)
      for (let at = 0; at < out.length;) {
        const n = readSync(fd, out, at, Math.min(out.length - at, 1 << 30), from + at)
        if (n === 0) throw problem('bad-file', file, `it ends at byte ${from + at}`)
        at += n
      }
      return out
    } finally {
      closeSync(fd)
    }
  }
  const fd = openSync(file, 'r')
  const { size } = fstatSync(fd)
  closeSync(fd)
  return tensorFile(file, new Map([[NPY_ARRAY, npyOf(read, size, file)]]))
}
