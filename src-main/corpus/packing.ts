import { assertNever } from '#contract/assert-never.ts'
import type { Packing } from '#contract/corpus.ts'
import type { EncodedPiece } from './encode-pieces.ts'
import type { PieceStart } from './piece.ts'

/** A place between two rows: a piece, and how many of its ids are used up. */
export interface RowEnd extends PieceStart {
  ids: number
}
/** One row of token ids, and where the next one begins. */
export interface Row {
  ids: Int32Array<ArrayBuffer>
  end: RowEnd
}

interface RowShape {
  contextSize: number
  /** Put at the start of rows, and between documents; null for none. 0 is a valid id. */
  bosId: number | null
}

/** A row being filled. */
class OpenRow {
  readonly ids: Int32Array<ArrayBuffer>
  length = 0
  constructor(contextSize: number) {
    this.ids = new Int32Array(contextSize)
  }

  get full(): boolean {
    return this.length === this.ids.length
  }

  put(id: number): void {
    this.ids[this.length++] = id
  }
}

/**
 * Documents one after the other, cut into rows. With BOS, each row begins with it and it stands between documents,
 * but never twice in a row; without it nothing stands between them. What is left at the end, shorter than a row, is
 * left out. This is concat_and_batch_sequences of SAELens (sae_lens/tokenization_and_batching.py) as its activation
 * store calls it, so that rows are the same.
 */
async function* packed(
  pieces: AsyncIterable<EncodedPiece>,
  shape: RowShape,
  skip: number,
): AsyncGenerator<Row> {
  let row = new OpenRow(shape.contextSize)
  let used = skip
  for await (const { start, ids } of pieces) {
    let at = used
    used = 0
    while (at < ids.length) {
      const wantsBos = row.length === 0 || (start.first && at === 0)
      if (wantsBos && shape.bosId !== null && ids[at] !== shape.bosId) row.put(shape.bosId)
      while (at < ids.length && !row.full) row.put(ids[at++])
      if (row.full) {
        yield { ids: row.ids, end: { ...start, ids: at } }
        row = new OpenRow(shape.contextSize)
      }
    }
  }
}

/** The beginning of each document as one row; documents shorter than a row are left out, as in SAELens. */
async function* onePerDocument(
  pieces: AsyncIterable<EncodedPiece>,
  shape: RowShape,
  skip: number,
): AsyncGenerator<Row> {
  let row: OpenRow | null = null
  let used = skip
  for await (const { start, ids } of pieces) {
    let at = used
    used = 0
    if (start.first && at === 0) {
      row = new OpenRow(shape.contextSize)
      if (shape.bosId !== null && ids[0] !== shape.bosId) row.put(shape.bosId)
    }
    if (!row) continue
    while (at < ids.length && !row.full) row.put(ids[at++])
    if (row.full) {
      yield { ids: row.ids, end: { ...start, ids: ids.length } }
      row = null
    }
  }
}

/**
 * Rows of contextSize ids. To go on after a row, give the pieces from its end's piece on, and `skip` = its `ids`.
 * What follows is then the same as if reading had never stopped.
 */
export function pack(
  pieces: AsyncIterable<EncodedPiece>,
  packing: Packing,
  shape: RowShape,
  skip = 0,
): AsyncGenerator<Row, void, void> {
  switch (packing) {
    case 'packed':
      return packed(pieces, shape, skip)
    case 'document':
      return onePerDocument(pieces, shape, skip)
    default:
      return assertNever(packing)
  }
}
