import type { BitReader, BitWriter } from './bits.ts'

/**
 * Ascending whole numbers in few bits: how many, the first, then the gaps − 1 in exponential-Golomb codes whose order
 * suits them. Features fire in bursts: long gaps stay cheap (2·log2 bits), where a Rice code would pay per multiple.
 */
export function writeAscending(
  bits: BitWriter,
  numbers: Uint32Array,
  from: number,
  to: number,
  base = 0,
): void {
  writeVarint(bits, to - from)
  if (to === from) return
  writeVarint(bits, numbers[from] - base)
  const k = golombOrder(numbers, from, to)
  bits.write(k, 8)
  for (let i = from + 1; i < to; i++) bits.writeGolomb(numbers[i] - numbers[i - 1] - 1, k)
}

/** How many numbers follow; leaves the reader after the count. */
export function readCount(bits: BitReader): number {
  return readVarint(bits)
}

/** Reads the `count` numbers after the count into `out` from `at` on. */
export function readNumbers(
  bits: BitReader,
  count: number,
  base: number,
  out: Uint32Array,
  at: number,
): void {
  if (count === 0) return
  let number = base + readVarint(bits)
  const k = bits.read(8)
  out[at] = number
  for (let i = at + 1; i < at + count; i++) out[i] = number += 1 + bits.readGolomb(k)
}

/** The order that makes the gaps shortest: at most the mean gap's size, less where they come in bursts. */
function golombOrder(numbers: Uint32Array, from: number, to: number): number {
  if (to - from < 2) return 0
  const meanGap = (numbers[to - 1] - numbers[from]) / (to - 1 - from)
  const most = Math.floor(Math.log2(meanGap))
  let best = most
  let fewest = Infinity
  for (let k = most; k >= 0 && k > best - 3; k--) {
    let length = 0
    for (let i = from + 1; i < to; i++)
      length += 2 * (31 - Math.clz32(((numbers[i] - numbers[i - 1] - 1) >>> k) + 1)) + 1 + k
    if (length < fewest) {
      fewest = length
      best = k
    }
  }
  return best
}

/** Seven bits a byte, lowest first; the eighth says that more follow. */
function writeVarint(bits: BitWriter, value: number): void {
  let rest = value
  while (rest > 127) {
    bits.write((rest & 127) | 128, 8)
    rest = Math.floor(rest / 128)
  }
  bits.write(rest, 8)
}

function readVarint(bits: BitReader): number {
  let value = 0
  for (let scale = 1; ; scale *= 128) {
    const byte = bits.read(8)
    value += (byte & 127) * scale
    if (byte < 128) return value
  }
}
