/** Where a piece of text begins, so that reading can go on there: enough to repeat everything after it exactly. */
export interface PieceStart {
  /** Which file, in the order in which they are read. */
  file: number
  /** In bytes for text and JSONL, in rows for Parquet. */
  at: number
  /** Whether the piece begins a document; only long documents of text files have more than one piece. */
  first: boolean
}

/** A document, or a part of one that is too long to be held whole. */
export interface Piece extends PieceStart {
  text: string
  /** Whether the document ends with it. */
  last: boolean
}

/** Longer texts are cut, in UTF-16 units: what a tokenizer is given at once is bounded. */
export const PIECE = 1 << 14

const LETTER = /[\p{L}\p{N}]/u

/**
 * Where to cut a text longer than PIECE: before the last single space between two letters or digits in its first
 * PIECE units. There the usual tokenizers separate words, so the ids are those of the uncut text (see encode-pieces.ts).
 * Where half a piece has no such space (Chinese, base64) it is cut between two characters, and the two tokens at the
 * cut may differ.
 */
export function cutAt(text: string): number {
  for (let i = PIECE; i > PIECE / 2; i--)
    if (text.charAt(i) === ' ' && LETTER.test(text.charAt(i - 1)) && LETTER.test(text.charAt(i + 1))) return i
  const splitsPair = text.codePointAt(PIECE - 1)! > 0xffff
  return splitsPair ? PIECE - 1 : PIECE
}
