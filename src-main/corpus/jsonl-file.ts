import { problem, type ProblemError } from '#contract/problem.ts'
import type { Piece, PieceStart } from './piece.ts'
import { lineAt, readUtf8, withoutByteOrderMark } from './utf8-blocks.ts'

const LONGEST_LINE = 256 << 20

interface Line {
  text: string
  /** Byte at which it begins. */
  at: number
}

async function* lines(file: string, from: number): AsyncGenerator<Line, void, void> {
  let rest = ''
  let at = from
  const cut = (end: number): Line => {
    const line = { text: rest.slice(0, end), at }
    at += Buffer.byteLength(rest.slice(0, end + 1))
    rest = rest.slice(end + 1)
    return { ...line, text: line.at === 0 ? withoutByteOrderMark(line.text) : line.text }
  }
  for await (const block of readUtf8(file, from)) {
    const searched = rest.length
    rest += block
    if (rest.length > LONGEST_LINE)
      throw await broken(file, at, `is longer than ${LONGEST_LINE} characters: not JSON lines`)
    for (let end = rest.indexOf('\n', searched); end >= 0; end = rest.indexOf('\n')) yield cut(end)
  }
  if (rest.length > 0) yield cut(rest.length)
}

async function broken(file: string, at: number, what: string): Promise<ProblemError> {
  return problem(
    'bad-file',
    file,
    `line ${await lineAt(file, at)} ${what}`,
    'Mend the line, then add the file again.',
  )
}

async function recordOf(file: string, { text, at }: Line): Promise<Record<string, unknown>> {
  let record: unknown
  try {
    record = JSON.parse(text)
  } catch (error) {
    throw await broken(file, at, `is not JSON (${error instanceof Error ? error.message : String(error)})`)
  }
  if (record === null || typeof record !== 'object' || Array.isArray(record))
    throw await broken(file, at, 'is not a JSON object')
  return record as Record<string, unknown>
}

/** The first record of a file, for choosing a field. @throws Problem when there is none. */
export async function firstRecord(file: string): Promise<Record<string, unknown>> {
  for await (const line of lines(file, 0)) if (line.text.trim() !== '') return await recordOf(file, line)
  throw problem('bad-file', file, 'it has no records', 'Choose a file with one JSON object a line.')
}

/** One document a line, in the given field; empty lines and null values are passed over. */
export async function* jsonlPieces(
  file: string,
  field: string,
  from: PieceStart,
): AsyncGenerator<Piece, void, void> {
  for await (const line of lines(file, from.at)) {
    if (line.text.trim() === '') continue
    const record = await recordOf(file, line)
    if (!Object.hasOwn(record, field))
      throw await broken(
        file,
        line.at,
        `has no field "${field}" (it has ${Object.keys(record).join(', ') || 'none'})`,
      )
    const value = record[field]
    if (value === null) continue
    if (typeof value !== 'string')
      throw await broken(file, line.at, `has a field "${field}" that is not text (${typeof value})`)
    yield { file: from.file, at: line.at, first: true, last: true, text: value }
  }
}
