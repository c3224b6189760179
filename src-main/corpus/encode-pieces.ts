import { setImmediate } from 'node:timers/promises'
import { cutAt, PIECE, type Piece, type PieceStart } from './piece.ts'

/** What this room needs of a tokenizer: text to ids; none are added, and text that spells a special token stays text. */
export interface TextTokenizer {
  encodePlain(text: string): readonly number[]
}

/** The ids of a piece, and where the piece began. */
export interface EncodedPiece {
  start: PieceStart
  ids: readonly number[]
}

const PROBES = [
  ['one', ' two three'],
  ['A word', ' and another one'],
] as const

/**
 * How many units to leave away at the start of a text that continues another, so that encoding the parts gives the
 * ids of the whole: 0 where a space belongs to the word after it (GPT-2), 1 where the tokenizer itself puts a space
 * before every text (Llama).
 */
function spaceToDrop(tokenizer: TextTokenizer): 0 | 1 {
  const exact = (drop: number): boolean =>
    PROBES.every(([a, b]) => {
      const parts = [...tokenizer.encodePlain(a), ...tokenizer.encodePlain(b.slice(drop))]
      return parts.join() === tokenizer.encodePlain(a + b).join()
    })
  return !exact(0) && exact(1) ? 1 : 0
}

/** Encodes pieces one after the other; what the tokenizer is given at once is at most PIECE long. */
export async function* encodePieces(
  pieces: AsyncIterable<Piece>,
  tokenizer: TextTokenizer,
): AsyncGenerator<EncodedPiece, void, void> {
  const drop = spaceToDrop(tokenizer)
  const encode = (text: string, continues: boolean): readonly number[] =>
    tokenizer.encodePlain(continues && text.startsWith(' ') ? text.slice(drop) : text)
  for await (const { text, last: _last, ...start } of pieces) {
    let ids: readonly number[] = []
    let continues = !start.first
    let rest = text
    for (; rest.length > PIECE; continues = true) {
      const cut = cutAt(rest)
      ids = ids.concat(encode(rest.slice(0, cut), continues))
      rest = rest.slice(cut)
    }
    if (rest.length > 0) ids = ids.concat(encode(rest, continues))
    if (ids.length > 0) yield { start, ids }
    // Encoding blocks the thread: others get their turn between two pieces.
    await setImmediate()
  }
}
