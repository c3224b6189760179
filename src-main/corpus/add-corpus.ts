import { closeSync, openSync, statSync } from 'node:fs'
import { basename, extname, resolve } from 'node:path'
import type { Corpus, CorpusFormat } from '#contract/corpus.ts'
import { problem } from '#contract/problem.ts'
import { version } from '../places.ts'
import { openSafetensors } from '../store/safetensors.ts'
import type { Workspace } from '../store/workspace.ts'
import { documents } from './documents.ts'
import { firstRecord } from './jsonl-file.ts'
import { openParquet, textColumns } from './parquet-file.ts'
import { tokenShape } from './token-rows.ts'

type TextFormat = Exclude<CorpusFormat, 'tokens'>
type CorpusFile = Corpus['files'][number]

/** Bytes of each file that are read through before it is accepted; what is wrong later is found when it is read. */
const READ_THROUGH = 32 << 20
const FORMATS: Record<string, TextFormat> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'jsonl',
  '.parquet': 'parquet',
  '.parq': 'parquet',
}
const COMPRESSED = new Set(['.gz', '.zst', '.bz2', '.xz', '.zip', '.7z', '.lz4'])

function corpusFile(path: string): CorpusFile {
  const file = resolve(path)
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat) throw problem('not-found', file, 'there is no such file', 'Check the path.')
  if (stat.isDirectory()) throw problem('bad-file', file, 'it is a folder', 'Name the files in it.')
  if (stat.size === 0) throw problem('bad-file', file, 'it is empty', 'Leave it out, or choose another.')
  try {
    closeSync(openSync(file, 'r'))
  } catch {
    throw problem('bad-file', file, 'it cannot be read', 'Check its permissions.')
  }
  return { path: file, bytes: stat.size }
}

function formatOf(files: readonly CorpusFile[]): TextFormat {
  const formats = files.map(({ path }) => {
    const ending = extname(path).toLowerCase()
    if (COMPRESSED.has(ending))
      throw problem('unsupported', path, `it is compressed (${ending})`, 'Unpack it first.')
    return FORMATS[ending] ?? 'text'
  })
  const other = formats.findIndex((format) => format !== formats[0])
  if (other >= 0)
    throw problem(
      'bad-input',
      files[other].path,
      `it is read as ${formats[other]}, and ${basename(files[0].path)} as ${formats[0]}`,
      'Make one corpus of each, or say the format.',
    )
  return formats[0]
}

/** The one field that holds text, or the one called "text". @throws Problem where there is a choice. */
function chooseField(file: string, fields: readonly string[]): string {
  if (fields.includes('text')) return 'text'
  if (fields.length === 1) return fields[0]
  const has = fields.length === 0 ? 'no field that holds text' : `the fields ${fields.join(', ')}`
  throw problem('bad-input', file, `it has ${has}`, 'Say which field is read.')
}

async function fieldOf(format: TextFormat, { path }: CorpusFile): Promise<string | null> {
  if (format === 'text') return null
  if (format === 'parquet') return chooseField(path, textColumns(await openParquet(path)))
  const record = await firstRecord(path)
  return chooseField(
    path,
    Object.keys(record).filter((key) => typeof record[key] === 'string'),
  )
}

/** Reads the beginning of a file as it will be read. @throws Problem with file and line for what is wrong there. */
async function readThrough(format: TextFormat, field: string | null, file: CorpusFile): Promise<void> {
  let hasText = false
  let read = 0
  for await (const { text } of documents({ format, field, files: [file] })) {
    hasText ||= text.trim() !== ''
    read += Buffer.byteLength(text)
    if (hasText && read > READ_THROUGH) return
  }
  if (!hasText)
    throw problem('bad-file', file.path, 'it has no text in it', 'Leave it out, or choose another.')
}

/** Takes text, JSONL or Parquet files as a corpus; they stay where they are. */
export async function addCorpus(
  workspace: Workspace,
  request: { files: string[]; name?: string; field?: string; format?: TextFormat },
): Promise<Corpus> {
  const files = request.files.map(corpusFile)
  const format = request.format ?? formatOf(files)
  if (format === 'text' && request.field !== undefined)
    throw problem(
      'bad-input',
      `field "${request.field}"`,
      'text files have no fields',
      'Leave the field out.',
    )
  const field = request.field ?? (await fieldOf(format, files[0]))
  for (const file of files) await readThrough(format, field, file)
  return workspace.corpora.put({
    id: workspace.corpora.newId(),
    name: request.name ?? nameOf(files),
    createdAt: new Date().toISOString(),
    provenance: { madeBy: 'corpora add', from: [], parameters: { ...request }, version },
    format,
    files,
    field,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    rows: null,
    contextSize: null,
  })
}

function nameOf(files: readonly CorpusFile[]): string {
  const first = basename(files[0].path, extname(files[0].path))
  return files.length === 1 ? first : `${first} and ${files.length - 1} more`
}

/** Takes rows of token ids, an integer tensor [rows, context] of a safetensors file, as a corpus. */
export function addTokenCorpus(
  workspace: Workspace,
  request: { file: string; tensor: string; name?: string },
): Corpus {
  const file = corpusFile(request.file)
  const opened = openSafetensors(file.path)
  const { rows, contextSize } = tokenShape(opened, request.tensor)
  // Says at once when it is not an integer tensor.
  opened.readI32(request.tensor, 0, 1)
  return workspace.corpora.put({
    id: workspace.corpora.newId(),
    name: request.name ?? nameOf([file]),
    createdAt: new Date().toISOString(),
    provenance: { madeBy: 'corpora add-tokens', from: [], parameters: { ...request }, version },
    format: 'tokens',
    files: [file],
    field: request.tensor,
    bytes: file.bytes,
    rows,
    contextSize,
  })
}
