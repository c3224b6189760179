import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { firstRecord, jsonlPieces } from '../../../src-main/corpus/jsonl-file.ts'
import { openParquet, parquetPieces, textColumns } from '../../../src-main/corpus/parquet-file.ts'
import { all, problemFrom, temporaryFiles } from './helpers.ts'

const { write } = temporaryFiles()
const START = { file: 0, at: 0, first: true }

describe('JSONL', () => {
  const texts = async (file: string, field = 'text', at = 0): Promise<string[]> =>
    (await all(jsonlPieces(file, field, { ...START, at }))).map(({ text }) => text)

  test('each line is one document; empty lines and nulls are passed over', async () => {
    const file = write('a.jsonl', '\uFEFF{"text":"one\\nline"}\r\n\n{"text":null}\n{"id":3,"text":"two €"}')
    expect(await texts(file)).toEqual(['one\nline', 'two €'])
  })

  test('reading goes on at the line where a document begins', async () => {
    const file = write('b.jsonl', '{"text":"é"}\n{"text":"two"}\n{"text":"three"}\n')
    const pieces = await all(jsonlPieces(file, 'text', START))
    expect(await texts(file, 'text', pieces[1].at)).toEqual(['two', 'three'])
  })

  test('a line longer than a read is one document', async () => {
    const long = 'lörem '.repeat(400_000)
    const file = write('long.jsonl', `${JSON.stringify({ text: long })}\n{"text":"next"}\n`)
    expect(await texts(file)).toEqual([long, 'next'])
  })

  test('a broken line, a missing field and a field of another kind are named by line', async () => {
    const good = '{"text":"fine"}\n'
    const message = async (line: string, field = 'text'): Promise<string> =>
      (await problemFrom(() => texts(write('broken.jsonl', good + good + line), field))).message
    expect(await message('{"text": "no end')).toMatch(/^line 3 is not JSON \(/)
    expect(await message('[1, 2]')).toBe('line 3 is not a JSON object')
    expect(await message('{"body":"x","id":1}')).toBe('line 3 has no field "text" (it has body, id)')
    expect(await message('{"text":7}')).toBe('line 3 has a field "text" that is not text (number)')
    expect(await message('', 'toString')).toBe('line 1 has no field "toString" (it has text)')
  })

  test('a first line that is no record is an answer, not an end of the program', async () => {
    const { message } = await problemFrom(() => firstRecord(write('list.jsonl', '[1]\n{"text":"x"}\n')))
    expect(message).toBe('line 1 is not a JSON object')
  })

  test('a file without records is said to have none', async () => {
    expect((await problemFrom(() => firstRecord(write('none.jsonl', '\n\n')))).message).toBe(
      'it has no records',
    )
  })
})

// Written by pyarrow: 7 rows in groups of 3, "document 0 é" … "document 4 é", null, "the last one", and a column n.
const fixture = (name: string): string =>
  resolve(import.meta.dirname, '../../fixtures/corpus', `${name}.parquet`)

describe('Parquet', () => {
  const rows = [0, 1, 2, 3, 4].map((i) => ({ at: i, text: `document ${i} é` }))
  const expected = [...rows, { at: 6, text: 'the last one' }]
  const read = async (name: string, at = 0, field = 'text'): Promise<{ at: number; text: string }[]> =>
    (await all(parquetPieces(fixture(name), field, { ...START, at }))).map(({ at, text }) => ({ at, text }))

  test.each(['none', 'snappy', 'gzip', 'brotli', 'zstd'])(
    'rows are documents, packed with %s',
    async (codec) => {
      expect(await read(codec)).toEqual(expected)
    },
  )

  test('reading goes on at any row, within a row group too', async () => {
    for (let at = 0; at <= 7; at++)
      expect(await read('snappy', at)).toEqual(expected.filter((row) => row.at >= at))
  })

  test('only text columns are offered, and a column that is not there is named with those that are', async () => {
    expect(textColumns(await openParquet(fixture('snappy')))).toEqual(['text'])
    expect((await problemFrom(() => read('snappy', 0, 'body'))).message).toBe(
      'it has no text column "body" (it has text)',
    )
    expect((await problemFrom(() => read('snappy', 0, 'n'))).message).toMatch(/no text column "n"/)
  })

  test('text that is not UTF-8 is named by its row', async () => {
    expect((await problemFrom(() => read('not-utf8'))).message).toBe(
      'column "text" is not UTF-8 text in row 1',
    )
  })

  test('a file that is not Parquet, or is cut short, is a bad file', async () => {
    const text = write('text.parquet', 'this is no parquet file, it is only called so')
    expect(await problemFrom(() => openParquet(text))).toMatchObject({ code: 'bad-file', subject: text })
    expect(
      (await problemFrom(() => openParquet(join(fixture('snappy'), '..', 'missing.parquet')))).code,
    ).toBe('bad-file')
  })
})
