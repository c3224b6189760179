import { statSync } from 'node:fs'
import { assertNever } from '#contract/assert-never.ts'
import type { Corpus } from '#contract/corpus.ts'
import { problem } from '#contract/problem.ts'
import { permutation, randomFor } from '../math/permutation.ts'
import { jsonlPieces } from './jsonl-file.ts'
import { parquetPieces } from './parquet-file.ts'
import type { Piece, PieceStart } from './piece.ts'
import { textPieces } from './text-file.ts'

type WithText = Pick<Corpus, 'format' | 'field' | 'files'>

function piecesOf(
  { format, field }: WithText,
  file: string,
  from: PieceStart,
): AsyncGenerator<Piece, void, void> {
  switch (format) {
    case 'text':
      return textPieces(file, from)
    case 'jsonl':
      return jsonlPieces(file, field ?? '', from)
    case 'parquet':
      return parquetPieces(file, field ?? '', from)
    case 'tokens':
      throw new Error('rows of token ids have no documents')
    default:
      return assertNever(format)
  }
}

/** @throws Problem when a file is gone or is no longer what was added. */
export function checkUnchanged({ path, bytes }: Corpus['files'][number]): void {
  const now = statSync(path, { throwIfNoEntry: false })
  if (!now)
    throw problem(
      'not-found',
      path,
      'this file of the corpus is gone',
      'Put it back, or add the corpus again.',
    )
  if (now.size !== bytes)
    throw problem(
      'conflict',
      path,
      `it has ${now.size} bytes, it had ${bytes} when it was added`,
      'Add the corpus again.',
    )
}

/** The order in which files are read: as given, or drawn by the seed where rows are shuffled. */
export const fileOrder = (files: number, seed: number | null): number[] =>
  seed === null ? [...Array(files).keys()] : [...permutation(files, randomFor(seed, 0))]

/** All documents of all files, in pieces, from where one begins. Nothing larger than a block or a row group is held. */
export async function* documents(
  corpus: WithText,
  order: readonly number[] = fileOrder(corpus.files.length, null),
  from: PieceStart = { file: 0, at: 0, first: true },
): AsyncGenerator<Piece, void, void> {
  for (let file = from.file; file < order.length; file++) {
    const opened = corpus.files[order[file]]
    checkUnchanged(opened)
    yield* piecesOf(corpus, opened.path, file === from.file ? from : { file, at: 0, first: true })
  }
}
