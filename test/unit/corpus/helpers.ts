import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Corpus } from '#contract/corpus.ts'
import { CorpusId } from '#contract/ids.ts'
import { ProblemError, type Problem } from '#contract/problem.ts'

/** A folder that goes away after the tests of a file, and a way to put files into it. */
export function temporaryFiles(): {
  folder: string
  write: (name: string, content: string | Uint8Array) => string
} {
  const folder = mkdtempSync(join(tmpdir(), 'suture-corpus-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return {
    folder,
    write: (name, content) => {
      const file = join(folder, name)
      writeFileSync(file, content)
      return file
    },
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** The Problem that something fails with. */
export async function problemFrom(work: () => unknown): Promise<Problem> {
  try {
    await work()
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
  throw new Error('it did not fail')
}

/** A corpus of files as they are now, as if added. */
export function corpusOf(format: Corpus['format'], paths: string[], changes: Partial<Corpus> = {}): Corpus {
  const files = paths.map((path) => ({ path, bytes: statSync(path).size }))
  return {
    id: CorpusId.parse('c-testtest'),
    name: 'test corpus',
    createdAt: '2026-01-01T00:00:00.000Z',
    provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
    format,
    files,
    field: format === 'text' ? null : 'text',
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    rows: null,
    contextSize: null,
    ...changes,
  }
}

/** Ids are the character codes: every character is a token, so that rows can be read. */
export const letters = { encodePlain: (text: string): number[] => [...text].map((c) => c.codePointAt(0)!) }
export const textOf = (ids: ArrayLike<number>): string => String.fromCodePoint(...Array.from(ids))
