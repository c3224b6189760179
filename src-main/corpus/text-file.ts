import { cutAt, PIECE, type Piece, type PieceStart } from './piece.ts'
import { readUtf8, withoutByteOrderMark } from './utf8-blocks.ts'

/** Stands between documents. The line breaks at either end of a document do not belong to it. */
export const SEPARATOR = '<|endoftext|>'
/** From this many units on, a cut does not depend on what follows. */
const ENOUGH = PIECE + SEPARATOR.length

interface Cut {
  text: string
  /** Units used up, the separator included. */
  used: number
  last: boolean
}

/** The first piece of what is left of a file, given at least ENOUGH of it or all there is. */
function firstPiece(rest: string): Cut {
  const end = rest.slice(0, ENOUGH).indexOf(SEPARATOR)
  if (end >= 0) return { text: rest.slice(0, end), used: end + SEPARATOR.length, last: true }
  if (rest.length <= PIECE) return { text: rest, used: rest.length, last: true }
  const cut = cutAt(rest)
  return { text: rest.slice(0, cut), used: cut, last: false }
}

function trimmed({ text, last }: Cut, { at, first }: PieceStart): string {
  const start = at === 0 ? withoutByteOrderMark(text) : text
  const ended = last ? start.replace(/[\r\n]+$/, '') : start
  return first ? ended.replace(/^[\r\n]+/, '') : ended
}

/** The documents of a text file as pieces, from where one begins. Never more than 2 MB are held. */
export async function* textPieces(file: string, from: PieceStart): AsyncGenerator<Piece, void, void> {
  let start = from
  let rest = ''
  const take = (): Piece => {
    const cut = firstPiece(rest)
    const piece = { ...start, text: trimmed(cut, start), last: cut.last }
    start = { ...start, at: start.at + Buffer.byteLength(rest.slice(0, cut.used)), first: cut.last }
    rest = rest.slice(cut.used)
    return piece
  }
  for await (const block of readUtf8(file, from.at)) {
    rest += block
    while (rest.length >= ENOUGH) yield take()
  }
  while (rest.length > 0) yield take()
}
