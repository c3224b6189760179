import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { problem, type ProblemError } from '#contract/problem.ts'

const BLOCK = 1 << 20

/** How many bytes make whole characters: an unfinished character of up to 3 bytes at the end is left out. */
function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]
    if (byte < 0x80) return bytes.length
    if (byte < 0xc0) continue
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return needs > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** The length of the longest beginning that is UTF-8, by halving. */
function validLength(bytes: Uint8Array): number {
  let valid = 0
  let invalid = bytes.length
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1
    const start = bytes.subarray(0, middle)
    if (isUtf8(start.subarray(0, wholeCharacters(start)))) valid = middle
    else invalid = middle
  }
  return wholeCharacters(bytes.subarray(0, valid))
}

/** The line, from 1, on which a byte of a file lies. Reads the file up to it: for messages. */
export async function lineAt(file: string, byte: number): Promise<number> {
  let line = 1
  if (byte === 0) return line
  for await (const block of createReadStream(file, { end: byte - 1 }) as AsyncIterable<Buffer>)
    for (let i = block.indexOf(10); i >= 0; i = block.indexOf(10, i + 1)) line++
  return line
}

async function notUtf8(file: string, byte: number): Promise<ProblemError> {
  return problem(
    'bad-file',
    file,
    `line ${await lineAt(file, byte)} is not UTF-8 text (at byte ${byte})`,
    'Convert the file to UTF-8, then add it again.',
  )
}

/**
 * A UTF-8 file as strings of about 1 MB, from a byte that begins a character. A character that lies across two reads
 * is whole in the next string. @throws Problem bad-file with the line and the byte where it is not UTF-8.
 */
export async function* readUtf8(file: string, from = 0): AsyncGenerator<string, void, void> {
  const handle = await open(file)
  try {
    const block = Buffer.allocUnsafe(BLOCK + 3)
    let kept = 0
    for (let at = from; ;) {
      const { bytesRead } = await handle.read(block, kept, BLOCK, at + kept)
      const length = kept + bytesRead
      const whole = bytesRead === 0 ? length : wholeCharacters(block.subarray(0, length))
      const bytes = block.subarray(0, whole)
      if (!isUtf8(bytes)) throw await notUtf8(file, at + validLength(bytes))
      if (whole > 0) yield bytes.toString('utf8')
      if (bytesRead === 0) return
      block.copyWithin(0, whole, length)
      kept = length - whole
      at += whole
    }
  } finally {
    await handle.close()
  }
}

/** A byte order mark at the start of a file is not text. */
export const withoutByteOrderMark = (text: string): string =>
  text.startsWith('\uFEFF') ? text.slice(1) : text
