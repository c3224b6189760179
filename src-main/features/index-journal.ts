import {
  closeSync,
  existsSync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { crc32 } from 'node:zlib'

/** The codes of tokens [from, to), as they were gathered. */
export interface GatheredRun {
  from: number
  to: number
  /** The counted tokens among them, ascending, and where the codes of each end. */
  rowToken: Uint32Array
  rowEnd: Uint32Array
  /** Tokens left out for their norm, ascending. */
  aboveNorm: Uint32Array
  feature: Uint32Array
  value: Float32Array
}

export const journalOf = (codesFile: string): string => `${codesFile}-gathered`

const MAGIC = 0x73757431
/** Words before a run's arrays: magic, base, from, to, rows, above norm, non-zeros, checksum. */
const HEAD = 8

/**
 * The codes of a segment that is not written yet, in runs of a few seconds of work each. A segment has to be large for the
 * index to be small, and a kill must not cost one: what is gathered is appended here, read back when the job goes on, and
 * forgotten when the segment is durable. Every run names the first token of its segment (`base`), so one that was left
 * behind is not taken for another segment's; one that was cut off fails its checksum and ends the reading.
 */
export class IndexJournal {
  readonly #path: string
  #fd: number | null = null
  #bytes = 0

  /** @param codesFile path of the index file that the codes will go to */
  constructor(codesFile: string) {
    this.#path = journalOf(codesFile)
  }

  /** What an earlier process had gathered of the segment that begins at token `base`; further runs are appended. */
  open(base: number): GatheredRun[] {
    const { runs, bytes } = existsSync(this.#path)
      ? readRuns(readFileSync(this.#path), base)
      : { runs: [], bytes: 0 }
    this.#fd = openSync(this.#path, existsSync(this.#path) ? 'r+' : 'w+')
    this.#bytes = bytes
    ftruncateSync(this.#fd, bytes)
    return runs
  }

  /** Makes a run durable. */
  append(base: number, run: GatheredRun): void {
    const fd = this.#opened()
    const { from, to, rowToken, aboveNorm, feature } = run
    const head = Uint32Array.of(MAGIC, base, from, to, rowToken.length, aboveNorm.length, feature.length, 0)
    const arrays = [rowToken, run.rowEnd, aboveNorm, feature, wordsOf(run.value)]
    head[HEAD - 1] = checksum([head, ...arrays])
    for (const words of [head, ...arrays])
      for (let sent = 0; sent < words.byteLength;) {
        const n = writeSync(fd, bytesOf(words), sent, words.byteLength - sent, this.#bytes)
        sent += n
        this.#bytes += n
      }
    fdatasyncSync(fd)
  }

  /** Forgets all runs: their segment is durable. */
  clear(): void {
    ftruncateSync(this.#opened(), 0)
    this.#bytes = 0
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
    this.#fd = null
    if (this.#bytes === 0) rmSync(this.#path, { force: true })
  }

  #opened(): number {
    if (this.#fd === null) throw new Error('the journal is not open')
    return this.#fd
  }
}

const bytesOf = (words: Uint32Array): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
const wordsOf = ({ buffer, byteOffset, length }: Float32Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, length)

const checksum = (arrays: readonly Uint32Array[]): number =>
  arrays.reduce((crc, words) => crc32(bytesOf(words), crc), 0)

/** The whole runs at the beginning of a journal, of the segment that begins at `base`, and how many bytes they are. */
function readRuns(file: Uint8Array, base: number): { runs: GatheredRun[]; bytes: number } {
  // In memory of its own, which begins at a whole word.
  const words = new Uint32Array(new Uint8Array(file).buffer, 0, Math.floor(file.length / 4))
  const runs: GatheredRun[] = []
  let at = 0
  for (let next = base; at + HEAD <= words.length;) {
    const head = words.slice(at, at + HEAD)
    const [magic, ofBase, from, to, rows, above, nonZeros, check] = head
    const end = at + HEAD + 2 * rows + above + 2 * nonZeros
    if (magic !== MAGIC || ofBase !== base || from !== next || end > words.length) break
    head[HEAD - 1] = 0
    if (checksum([head, words.subarray(at + HEAD, end)]) !== check) break
    let array = at + HEAD
    const take = (n: number): Uint32Array => words.subarray(array, (array += n))
    const [rowToken, rowEnd, aboveNorm, feature, value] = [rows, rows, above, nonZeros, nonZeros].map(take)
    const values = new Float32Array(value.buffer, value.byteOffset, value.length)
    runs.push({ from, to, rowToken, rowEnd, aboveNorm, feature, value: values })
    next = to
    at = end
  }
  return { runs, bytes: 4 * at }
}
