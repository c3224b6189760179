import { problem } from '#contract/problem.ts'

/** A long of more bytes than this is no shape or offset of ours. */
const MAX_LONG_BYTES = 16
const MAX_LINE = 4096

/** The operands of a pickle's opcodes, one after the other; never reads or allocates beyond the bytes there are. */
export class PickleReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #file: string
  #at = 0
  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#file = file
  }

  #broken(what: string): never {
    throw problem(
      'bad-file',
      this.#file,
      `its pickle is broken: ${what}`,
      'Download or export the file again.',
    )
  }

  /** Takes n bytes; gives where they begin. */
  #take(n: number): number {
    if (n > this.#bytes.length - this.#at)
      return this.#broken(`it ends at byte ${this.#bytes.length}, ${n} more were expected`)
    this.#at += n
    return this.#at - n
  }

  u8 = (): number => this.#view.getUint8(this.#take(1))
  u16 = (): number => this.#view.getUint16(this.#take(2), true)
  u32 = (): number => this.#view.getUint32(this.#take(4), true)
  i32 = (): number => this.#view.getInt32(this.#take(4), true)
  u64 = (): number => Number(this.#view.getBigUint64(this.#take(8), true))
  f64 = (): number => this.#view.getFloat64(this.#take(8))

  bytes(length: number): Uint8Array {
    const from = this.#take(length)
    return this.#bytes.subarray(from, from + length)
  }

  text(length: number): string {
    return new TextDecoder().decode(this.bytes(length))
  }

  /** A little-endian two's complement number; beyond 2^53 as it is. */
  long(length: number): number | bigint {
    if (length > MAX_LONG_BYTES) this.#broken(`it has a number of ${length} bytes`)
    let value = 0n
    this.bytes(length).forEach((byte, i) => (value |= BigInt(byte) << BigInt(8 * i)))
    const signed = BigInt.asIntN(8 * length, value)
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed
  }

  /** The text up to the next newline. */
  line(): string {
    const end = this.#bytes.subarray(this.#at, this.#at + MAX_LINE).indexOf(0x0a)
    if (end < 0) return this.#broken('a line does not end')
    const text = new TextDecoder('latin1').decode(this.bytes(end))
    this.#take(1)
    return text
  }

  /** Protocol 0 numbers: "5", "5L", and "00" and "01" for False and True. */
  textInteger(): number | boolean {
    const text = this.line()
    if (text === '00' || text === '01') return text === '01'
    const value = Number(text.replace(/L$/, ''))
    return Number.isSafeInteger(value) ? value : this.#broken(`"${text.slice(0, 40)}" is not a whole number`)
  }
}
