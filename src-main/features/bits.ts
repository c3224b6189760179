/** Writes integers of any width, least significant bit first, into bytes that grow as needed. */
export class BitWriter {
  #bytes = new Uint8Array(1024)
  /** Bits written so far. */
  length = 0

  /** The lowest `width` bits of `value`; width 0 … 32. */
  write(value: number, width: number): void {
    this.#reserve(width)
    let left = width
    let rest = value >>> 0
    while (left > 0) {
      const shift = this.length & 7
      const taken = Math.min(8 - shift, left)
      this.#bytes[this.length >>> 3] |= (rest & ((1 << taken) - 1)) << shift
      rest >>>= taken
      left -= taken
      this.length += taken
    }
  }

  /** A number ≥ 0 in the exponential-Golomb code of order k: small numbers are short, large ones 2·log2 bits at most. */
  writeGolomb(value: number, k: number): void {
    const quotient = (value >>> k) + 1
    const digits = 31 - Math.clz32(quotient)
    this.write(1 << digits, digits + 1)
    this.write(quotient & ((1 << digits) - 1), digits)
    this.write(value & ((1 << k) - 1), k)
  }

  /** The bytes written, the last one padded with zeros. The next `clear` reuses their memory: copy what is kept. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, (this.length + 7) >>> 3)
  }

  clear(): void {
    this.#bytes.fill(0, 0, (this.length + 7) >>> 3)
    this.length = 0
  }

  #reserve(bits: number): void {
    const needed = ((this.length + bits + 7) >>> 3) + 1
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(2 * needed)
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}

/** Reads what a BitWriter wrote. Bytes past the end read as zero. */
export class BitReader {
  readonly #bytes: Uint8Array
  /** The next bit. */
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.at = at
  }

  /** The 32 bits that begin at bit `at`, unsigned. */
  #peek(): number {
    const bytes = this.#bytes
    const byte = this.at >>> 3
    const shift = this.at & 7
    const low =
      (bytes[byte] | (bytes[byte + 1] << 8) | (bytes[byte + 2] << 16) | (bytes[byte + 3] << 24)) >>> shift
    return shift === 0 ? low >>> 0 : (low | (bytes[byte + 4] << (32 - shift))) >>> 0
  }

  /** An unsigned integer of `width` bits, 0 … 32. */
  read(width: number): number {
    if (width === 0) return 0
    const value = this.#peek()
    this.at += width
    return width === 32 ? value : value & ((1 << width) - 1)
  }

  readGolomb(k: number): number {
    const window = this.#peek()
    const digits = 31 - Math.clz32(window & -window)
    this.at += digits + 1
    const quotient = (1 << digits) | this.read(digits)
    return (((quotient - 1) << k) | this.read(k)) >>> 0
  }
}
