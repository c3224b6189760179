import { readCount, readNumbers, writeAscending } from './ascending.ts'
import { BitReader, BitWriter } from './bits.ts'

/** Where one feature fires and how strongly: tokens ascending, activations > 0. */
export interface Postings {
  token: Uint32Array
  value: Float32Array
}

/**
 * Makes blocks of postings: exact to the last bit of every float32, in 4 to 5 bytes each.
 *
 *   tokens            writeAscending, relative to the block's base
 *   width             one byte
 *   smallest value    its 32 bits
 *   values            their bits above the smallest, `width` bits each
 *
 * Positive floats order as their bits do, so the values of one feature are close together as integers: a factor of
 * 256 between the smallest and the largest takes 26 bits, a factor of 65,536 takes 27.
 */
export class PostingsWriter {
  readonly #bits = new BitWriter()

  /** Entries [from, to), at least one, of postings; tokens ≥ `base`. */
  write({ token, value }: Postings, from: number, to: number, base: number): Uint8Array {
    const bits = this.#bits
    const valueBits = new Uint32Array(value.buffer, value.byteOffset, value.length)
    let smallest = 0xffffffff
    let largest = 0
    for (let i = from; i < to; i++) {
      if (valueBits[i] < smallest) smallest = valueBits[i]
      if (valueBits[i] > largest) largest = valueBits[i]
    }
    const width = 32 - Math.clz32(largest - smallest)
    bits.clear()
    writeAscending(bits, token, from, to, base)
    bits.write(width, 8)
    bits.write(smallest, 32)
    for (let i = from; i < to; i++) bits.write(valueBits[i] - smallest, width)
    return bits.bytes().slice()
  }
}

/** How many postings a block holds, without reading them. */
export const countPostings = (block: Uint8Array): number => readCount(new BitReader(block))

/** Reads a block into `out` from entry `at` on; returns how many there were. */
export function readPostings(block: Uint8Array, base: number, out: Postings, at: number): number {
  const bits = new BitReader(block)
  const count = readCount(bits)
  readNumbers(bits, count, base, out.token, at)
  const width = bits.read(8)
  const smallest = bits.read(32)
  const valueBits = new Uint32Array(out.value.buffer, out.value.byteOffset, out.value.length)
  for (let i = at; i < at + count; i++) valueBits[i] = smallest + bits.read(width)
  return count
}
