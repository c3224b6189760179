import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
} from 'hyparquet'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { problem } from '#contract/problem.ts'
import type { Piece, PieceStart } from './piece.ts'

/** A row group is decoded whole; one column of it may take this much. */
const LARGEST_GROUP = 1 << 30
/** Snappy is hyparquet's own; these are Node's. */
const compressors: Compressors = {
  GZIP: (bytes) => new Uint8Array(gunzipSync(bytes)),
  BROTLI: (bytes) => new Uint8Array(brotliDecompressSync(bytes)),
  ZSTD: (bytes) => new Uint8Array(zstdDecompressSync(bytes)),
}

interface ParquetFile {
  file: string
  buffer: AsyncBuffer
  metadata: FileMetaData
}

const unreadable = (file: string, error: unknown): Error =>
  problem(
    'bad-file',
    file,
    `it cannot be read as Parquet (${error instanceof Error ? error.message : String(error)})`,
    'Download or write the file again.',
  )

/** Reads the footer. @throws Problem bad-file when it is not Parquet. */
export async function openParquet(file: string): Promise<ParquetFile> {
  try {
    const buffer = await asyncBufferFromFile(file)
    return { file, buffer, metadata: await parquetMetadataAsync(buffer) }
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** The columns that hold text: byte arrays, not nested, not marked as something else. */
export function textColumns({ metadata }: ParquetFile): string[] {
  const paths = metadata.row_groups[0]?.columns.map((column) => column.meta_data?.path_in_schema ?? []) ?? []
  const top = new Set(paths.filter((path) => path.length === 1).map(([name]) => name))
  return metadata.schema
    .filter(({ name, type, converted_type }) => {
      const isText = converted_type === undefined || converted_type === 'UTF8' || converted_type === 'JSON'
      return top.has(name) && type === 'BYTE_ARRAY' && isText
    })
    .map(({ name }) => name)
}

const decoder = new TextDecoder('utf-8', { fatal: true })
function textOf(file: string, field: string, row: number, value: unknown): string {
  if (value instanceof Uint8Array)
    try {
      return decoder.decode(value)
    } catch {
      throw problem(
        'bad-file',
        file,
        `column "${field}" is not UTF-8 text in row ${row}`,
        'Write the file again.',
      )
    }
  throw problem('bad-file', file, `column "${field}" is not text in row ${row} (${typeof value})`)
}

async function readGroup(
  { file, buffer, metadata }: ParquetFile,
  field: string,
  rowStart: number,
  rowEnd: number,
): Promise<Record<string, unknown>[]> {
  try {
    return await parquetReadObjects({
      file: buffer,
      metadata,
      columns: [field],
      rowStart,
      rowEnd,
      compressors,
      utf8: false,
      parsers: { stringFromBytes: (bytes) => bytes },
    })
  } catch (error) {
    throw unreadable(file, error)
  }
}

function checkSize(
  file: string,
  field: string,
  group: FileMetaData['row_groups'][number],
  number: number,
): void {
  const column = group.columns.find((c) => c.meta_data?.path_in_schema[0] === field)
  const bytes = Number(column?.meta_data?.total_uncompressed_size ?? 0)
  if (bytes > LARGEST_GROUP)
    throw problem(
      'unsupported',
      file,
      `row group ${number} holds ${(bytes / 1e9).toFixed(1)} GB of "${field}", more than is decoded at once`,
      'Write the file with smaller row groups, for example of 10,000 rows.',
    )
}

/** One document a row, a row group at a time; nulls are passed over. */
export async function* parquetPieces(
  file: string,
  field: string,
  from: PieceStart,
): AsyncGenerator<Piece, void, void> {
  const opened = await openParquet(file)
  const columns = textColumns(opened)
  if (!columns.includes(field))
    throw problem(
      'bad-file',
      file,
      `it has no text column "${field}" (it has ${columns.join(', ') || 'none'})`,
    )
  let start = 0
  for (const [number, group] of opened.metadata.row_groups.entries()) {
    const end = start + Number(group.num_rows)
    if (end > from.at) {
      checkSize(file, field, group, number)
      const begin = Math.max(start, from.at)
      const rows = await readGroup(opened, field, begin, end)
      for (const [i, row] of rows.entries()) {
        const value = row[field]
        if (value === null || value === undefined) continue
        const text = textOf(file, field, begin + i, value)
        yield { file: from.file, at: begin + i, first: true, last: true, text }
      }
    }
    start = end
  }
}
