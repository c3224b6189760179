import type { Corpus, Packing } from '#contract/corpus.ts'
import { problem } from '#contract/problem.ts'
import { permutation, randomFor } from '../math/permutation.ts'
import { documents, fileOrder } from './documents.ts'
import { encodePieces, type TextTokenizer } from './encode-pieces.ts'
import { pack, type Row, type RowEnd } from './packing.ts'
import { tokenRows } from './token-rows.ts'

/** How rows are made: everything that decides what the n-th context is. */
export interface ContextShape {
  contextSize: number
  /** The id that begins every row; null for none. */
  bosId: number | null
  packing: Packing
  shuffle: boolean
  seed: number
  /** Ids are below this. */
  vocabSize: number
}

/** A place between two contexts, as plain data: reading goes on there exactly. */
export interface ContextEnd extends RowEnd {
  /** Rows are shuffled a group at a time; the place is the start of this group, of which so many are given. */
  group: number
  given: number
}

/** One row of token ids as the model sees it, and where the next one is. */
export interface Context {
  ids: Int32Array<ArrayBuffer>
  end: ContextEnd
}

/** Tokens that are shuffled together: what is held in memory, and read again when reading goes on. */
const SHUFFLED_TOGETHER = 1 << 20
const START: ContextEnd = { file: 0, at: 0, first: true, ids: 0, group: 0, given: 0 }

function rowsFrom(
  corpus: Corpus,
  tokenizer: TextTokenizer | null,
  shape: ContextShape,
  from: RowEnd,
): AsyncIterable<Row> {
  if (corpus.format === 'tokens') return tokenRows(corpus, from.at)
  if (!tokenizer)
    throw problem('not-available', corpus.name, 'its text cannot be read: the model has no tokenizer')
  const order = fileOrder(corpus.files.length, shape.shuffle ? shape.seed : null)
  const pieces = documents(corpus, order, { file: from.file, at: from.at, first: from.first })
  return pack(encodePieces(pieces, tokenizer), shape.packing, shape, from.ids)
}

function checkIds(corpus: Corpus, ids: Int32Array, vocabSize: number): void {
  const bad = ids.findIndex((id) => id < 0 || id >= vocabSize)
  if (bad >= 0)
    throw problem(
      'mismatch',
      corpus.name,
      `a row holds the token id ${ids[bad]} (at position ${bad}), the model has ${vocabSize} ids`,
      'Choose the model whose tokenizer made these ids.',
    )
}

/** Gives the rows of each group in an order drawn by the seed and the group's number. */
async function* shuffled(
  rows: AsyncIterable<Row>,
  { seed, contextSize }: ContextShape,
  from: ContextEnd,
): AsyncGenerator<Context, void, void> {
  const size = Math.max(2, Math.floor(SHUFFLED_TOGETHER / contextSize))
  let place = from
  let group: Row[] = []
  function* give(): Generator<Context> {
    const order = permutation(group.length, randomFor(seed, 1, place.group))
    for (let given = place.given; given < group.length; given++)
      yield { ids: group[order[given]].ids, end: { ...place, given: given + 1 } }
    place = { ...group[group.length - 1].end, group: place.group + 1, given: 0 }
    group = []
  }
  for await (const row of rows) {
    group.push(row)
    if (group.length === size) yield* give()
  }
  if (group.length > 0) yield* give()
}

/**
 * The contexts of a corpus, in order, from a place between two of them. The same arguments give the same contexts,
 * and contexts(…, c.end) gives what follows c. Memory is bounded whatever the size of the files.
 */
export async function* contexts(
  corpus: Corpus,
  tokenizer: TextTokenizer | null,
  shape: ContextShape,
  from: ContextEnd = START,
): AsyncGenerator<Context, void, void> {
  const rows = rowsFrom(corpus, tokenizer, shape, from)
  if (shape.shuffle) {
    for await (const context of shuffled(rows, shape, from)) {
      checkIds(corpus, context.ids, shape.vocabSize)
      yield context
    }
    return
  }
  for await (const { ids, end } of rows) {
    checkIds(corpus, ids, shape.vocabSize)
    yield { ids, end: { ...end, group: 0, given: 0 } }
  }
}
