import { writeZip, type ZipPart } from './zip-writer.ts'

/** The .npy header (version 1) of little-endian float32 values in C order, padded to 64 bytes as numpy pads it. */
function npyHeader(shape: readonly number[]): Uint8Array {
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64
  const text = `\x93NUMPY\x01\x00${String.fromCharCode((length - 10) & 0xff, (length - 10) >> 8)}${dict.padEnd(length - 11)}\n`
  return Uint8Array.from(text, (c) => c.charCodeAt(0))
}

/** Writes arrays of float32 as numpy.savez does. */
export function writeNpz(
  file: string,
  arrays: Readonly<Record<string, { shape: readonly number[]; values: Float32Array }>>,
): void {
  const parts = Object.entries(arrays).map(([name, { shape, values }]): ZipPart => {
    const header = npyHeader(shape)
    return { name: `${name}.npy`, bytes: header.length + values.byteLength, pieces: () => [header, values] }
  })
  writeZip(file, parts)
}
