import { describe, expect, test } from 'vitest'
import type { Packing } from '#contract/corpus.ts'
import type { EncodedPiece } from '../../../src-main/corpus/encode-pieces.ts'
import { pack, type Row } from '../../../src-main/corpus/packing.ts'
import { all } from './helpers.ts'

const BOS = 0
/** Documents as lists of ids; a list of lists is one document in pieces. */
async function* pieces(documents: (number[] | number[][])[], from = 0): AsyncGenerator<EncodedPiece> {
  let at = 0
  for (const document of documents)
    for (const [i, ids] of (Array.isArray(document[0])
      ? (document as number[][])
      : [document as number[]]
    ).entries())
      if (at++ >= from) yield { start: { file: 0, at: at - 1, first: i === 0 }, ids }
}
const rowsOf = async (
  documents: (number[] | number[][])[],
  packing: Packing,
  bosId: number | null,
  contextSize = 4,
): Promise<number[][]> =>
  (await all(pack(pieces(documents), packing, { contextSize, bosId }))).map(({ ids }) => [...ids])

// The expected rows of "packed" are those of SAELens' concat_and_batch_sequences with begin_batch_token_id and
// sequence_separator_token_id both BOS, or both None.
describe('packed', () => {
  test('rows begin with BOS, which also stands between documents', async () => {
    expect(
      await rowsOf(
        [
          [1, 2],
          [3, 4, 5, 6],
        ],
        'packed',
        BOS,
      ),
    ).toEqual([
      [BOS, 1, 2, BOS],
      [BOS, 3, 4, 5],
    ])
    expect(await rowsOf([[1], [2], [3], [4, 5]], 'packed', BOS)).toEqual([
      [BOS, 1, BOS, 2],
      [BOS, 3, BOS, 4],
    ])
  })

  test('a document that ends with a row is followed by one BOS, not two', async () => {
    expect(
      await rowsOf(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        'packed',
        BOS,
      ),
    ).toEqual([
      [BOS, 1, 2, 3],
      [BOS, 4, 5, 6],
    ])
  })

  test('BOS is not put before ids that begin with it', async () => {
    expect(
      await rowsOf(
        [
          [BOS, 1, 2, 3],
          [BOS, 4, 5, 6],
        ],
        'packed',
        BOS,
      ),
    ).toEqual([
      [BOS, 1, 2, 3],
      [BOS, 4, 5, 6],
    ])
  })

  test('without BOS documents follow each other with nothing between', async () => {
    expect(await rowsOf([[1, 2], [3], [4, 5, 6, 7, 8]], 'packed', null)).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ])
  })

  test('what is shorter than a row at the end is left out, and pieces of a document are joined', async () => {
    expect(await rowsOf([[[1, 2], [3], [4, 5]]], 'packed', BOS)).toEqual([[BOS, 1, 2, 3]])
  })
})

describe('one row per document', () => {
  test('the beginning of each document is a row; shorter documents are left out', async () => {
    const documents = [
      [1, 2, 3, 4, 5],
      [6, 7],
      [
        [8, 9],
        [10, 11, 12],
        [13, 14, 15, 16],
      ],
      [17, 18, 19],
    ]
    expect(await rowsOf(documents, 'document', BOS)).toEqual([
      [BOS, 1, 2, 3],
      [BOS, 8, 9, 10],
      [BOS, 17, 18, 19],
    ])
    expect(await rowsOf(documents, 'document', null)).toEqual([
      [1, 2, 3, 4],
      [8, 9, 10, 11],
    ])
  })
})

test.each(['packed', 'document'] as const)(
  '%s: going on after any row gives the rows that follow',
  async (packing) => {
    const documents = [
      [1, 2],
      [
        [3, 4, 5, 6, 7, 8, 9],
        [10, 11, 12],
      ],
      [13],
      [14, 15, 16, 17, 18],
      [19, 20, 21],
    ]
    for (const bosId of [BOS, null]) {
      const shape = { contextSize: 3, bosId }
      const rows = await all(pack(pieces(documents), packing, shape))
      expect(rows.length).toBeGreaterThan(2)
      for (const [i, { end }] of rows.entries()) {
        const rest: Row[] = await all(pack(pieces(documents, end.at), packing, shape, end.ids))
        expect(rest).toEqual(rows.slice(i + 1))
      }
    }
  },
)
