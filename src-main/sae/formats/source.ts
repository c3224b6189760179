import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { problem } from '#contract/problem.ts'
import { openNpz } from '../../store/npz.ts'
import { openSafetensors } from '../../store/safetensors.ts'
import { fromSafetensors, type TensorFile } from '../../store/tensor-file.ts'
import { openTorchZip } from '../../store/torch-zip.ts'

/** Files that may hold SAEs: a folder on this machine, or what is known of a repository on the hub. */
export interface SaeFiles {
  /** The folder or address, as a person would write it. */
  readonly where: string
  /** Paths relative to `where`, with "/" between. */
  readonly names: readonly string[]
  has(name: string): boolean
  /** The parsed content of a JSON file. @throws Problem bad-file when it is not JSON. */
  json(name: string): unknown
  /** A file of tensors, its header read. @throws Problem bad-file with what is wrong. */
  tensors(name: string): TensorFile
}

const MAX_JSON = 8 << 20
const MAX_DEPTH = 6
const MAX_FILES = 20_000

/** The words NaN and Infinity outside of strings as null; one walk, whatever the text. */
function withoutNaN(text: string): string {
  const pieces: string[] = []
  let from = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const c = text[at]
    if (inString) {
      if (c === '\\') at++
      else if (c === '"') inString = false
    } else if (c === '"') inString = true
    else if (c === 'N' || c === 'I') {
      const word = c === 'N' ? 'NaN' : 'Infinity'
      if (!text.startsWith(word, at)) continue
      pieces.push(text.slice(from, text[at - 1] === '-' ? at - 1 : at), 'null')
      at += word.length - 1
      from = at + 1
    }
  }
  return pieces.join('') + text.slice(from)
}

/** JSON as Python writes it: NaN and Infinity, which JSON has no word for, become null. */
export function parseJson(text: string, subject: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    try {
      return JSON.parse(withoutNaN(text))
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      throw problem(
        'bad-file',
        subject,
        `it is not JSON (${words.slice(0, 200)})`,
        'Download or export it again.',
      )
    }
  }
}

function readJson(path: string): unknown {
  const { size } = statSync(path)
  if (size > MAX_JSON) throw problem('bad-file', path, `it has ${size} bytes, too many for a configuration`)
  return parseJson(readFileSync(path, 'utf8'), path)
}

/** The Hugging Face cache is links to files. */
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false

function namesUnder(folder: string, under: string, depth: number, out: string[]): string[] {
  for (const entry of readdirSync(join(folder, under), { withFileTypes: true })) {
    if (out.length >= MAX_FILES || entry.name.startsWith('.')) continue
    const name = under ? `${under}/${entry.name}` : entry.name
    if (entry.isDirectory() && depth < MAX_DEPTH) namesUnder(folder, name, depth + 1, out)
    else if (entry.isFile() || (entry.isSymbolicLink() && isFile(join(folder, name)))) out.push(name)
  }
  return out.sort()
}

/** Kinds of files that hold tensors. */
export const isTensorFile = (name: string): boolean => /\.(safetensors|npz|pth?)$/.test(name)

function openTensorFile(path: string): TensorFile {
  if (path.endsWith('.safetensors')) return fromSafetensors(openSafetensors(path))
  if (path.endsWith('.npz')) return openNpz(path)
  if (/\.pth?$/.test(path)) return openTorchZip(path)
  throw problem(
    'unsupported',
    path,
    'this kind of file is not read',
    'Tensors are read from .safetensors, .npz, .pt and .pth.',
  )
}

/** The first of some names that is in a folder ("" is the root), as a name relative to the root. */
export function fileNamed(files: SaeFiles, folder: string, names: readonly string[]): string | null {
  return names.map((name) => posix.join(folder, name)).find((name) => files.has(name)) ?? null
}
/** A file in the same folder. */
export const sibling = (name: string, other: string): string => posix.join(posix.dirname(name), other)
/** A file one folder up. */
export const above = (name: string, other: string): string => posix.join(posix.dirname(name), '..', other)
/** Where a file or folder is, as a person would write it. */
export const pathOf = ({ where }: SaeFiles, name: string): string =>
  (where.includes('\\') ? join : posix.join)(where, name)
/** The same with "/" between on every system, for what releases say in their folder names. */
export const fullPath = (files: SaeFiles, name: string): string => pathOf(files, name).replaceAll('\\', '/')

/** A folder on this machine. Hidden files are left out; it is read at most six folders deep. */
export function folderFiles(folder: string): SaeFiles {
  let names: string[] | undefined
  return {
    where: folder,
    get names() {
      return (names ??= namesUnder(folder, '', 0, []))
    },
    has: (name) => existsSync(join(folder, name)),
    json: (name) => readJson(join(folder, name)),
    tensors: (name) => openTensorFile(join(folder, name)),
  }
}
