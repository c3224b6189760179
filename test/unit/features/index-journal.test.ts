import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createCodesFile } from '../../../src-main/features/codes-file.ts'
import { IndexJournal, journalOf } from '../../../src-main/features/index-journal.ts'
import { ABOVE_NORM, AT_POSITION_0, COUNTED, IndexWriter } from '../../../src-main/features/index-writer.ts'
import { openDatabase } from '../../../src-main/store/database.ts'
import { codesOf, randomCodes, temporaryFolder } from './fakes.ts'

const TOKENS = 600
const FEATURES = 9
const BATCH = 50
const dense = randomCodes(TOKENS, FEATURES)
const why = Uint8Array.from({ length: TOKENS }, (_, t) =>
  t % 30 === 0 ? AT_POSITION_0 : t % 41 === 0 ? ABOVE_NORM : COUNTED,
)

let folder: string
let remove: () => void
beforeEach(() => ({ folder, remove } = temporaryFolder()))
afterEach(() => remove())

interface Work {
  path: string
  writer: IndexWriter
  /** As a kill leaves it: nothing is committed, saved or removed any more. */
  kill: () => void
  end: () => void
}
function begin(name: string): Work {
  const path = join(folder, name)
  const file = createCodesFile(path, FEATURES, 0.5)
  const journal = new IndexJournal(path)
  const writer = new IndexWriter(file, journal)
  const end = (): void => {
    writer.commit()
    journal.close()
    file.db.close()
  }
  return { path, writer, kill: () => file.db.close(), end }
}
/** Adds batches up to a token, from where the writer is. */
function addTo({ writer }: Work, end: number): void {
  for (let from = writer.nextToken; from < end; from = writer.nextToken)
    writer.add(codesOf(dense.slice(from, from + BATCH)), why.subarray(from, from + BATCH))
}
const TABLES = ['codes', 'segments', 'postings', 'statistics', 'sketch', 'left_out']
/** Every byte that an index holds. */
function contents(path: string): unknown[] {
  const db = openDatabase(path, { readonly: true })
  const all = TABLES.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1`).all())
  db.close()
  return all
}
/** Committed at token 100 and at the end, never interrupted. */
function uninterrupted(): unknown[] {
  const work = begin('whole.db')
  addTo(work, 100)
  work.writer.commit()
  addTo(work, TOKENS)
  work.end()
  return contents(work.path)
}

describe('an index job that is killed', () => {
  test('goes on from what was saved, and writes the same bytes', () => {
    let work = begin('killed.db')
    addTo(work, 100)
    work.writer.commit()
    for (const [saved, killed] of [
      [250, 300],
      [350, 350],
      [500, 600],
    ] as const) {
      addTo(work, saved - 100)
      work.writer.save()
      addTo(work, saved)
      work.writer.save()
      addTo(work, killed)
      work.kill()
      work = begin('killed.db')
      expect(work.writer.nextToken).toBe(saved)
      expect(work.writer.totals.tokens).toBe(100)
    }
    addTo(work, TOKENS)
    work.end()
    expect(contents(work.path)).toEqual(uninterrupted())
    expect(existsSync(journalOf(work.path))).toBe(false)
  })

  test('while a run is being saved loses that run alone', () => {
    let work = begin('torn.db')
    addTo(work, 100)
    work.writer.commit()
    addTo(work, 200)
    work.writer.save()
    const whole = readFileSync(journalOf(work.path)).length
    addTo(work, 300)
    work.writer.save()
    work.kill()
    const bytes = readFileSync(journalOf(work.path))
    for (const left of [whole, whole + 5, whole + 40, bytes.length - 1]) {
      writeFileSync(journalOf(work.path), bytes.subarray(0, left))
      work = begin('torn.db')
      expect(work.writer.nextToken).toBe(200)
      work.kill()
    }
    const flipped = Uint8Array.from(bytes)
    flipped[bytes.length - 3] ^= 1
    writeFileSync(journalOf(work.path), flipped)
    work = begin('torn.db')
    expect(work.writer.nextToken).toBe(200)
    addTo(work, TOKENS)
    work.end()
    expect(contents(work.path)).toEqual(uninterrupted())
  })

  test('between the segment and the forgetting of its runs does not take them twice', () => {
    let work = begin('between.db')
    addTo(work, 100)
    work.writer.save()
    const journal = readFileSync(journalOf(work.path))
    work.writer.commit()
    work.kill()
    writeFileSync(journalOf(work.path), journal)
    work = begin('between.db')
    expect(work.writer.nextToken).toBe(100)
    addTo(work, TOKENS)
    work.end()
    expect(contents(work.path)).toEqual(uninterrupted())
  })

  test('without anything saved begins at the last segment', () => {
    let work = begin('none.db')
    addTo(work, 100)
    work.writer.commit()
    addTo(work, 200)
    work.kill()
    truncateSync(journalOf(work.path), 0)
    work = begin('none.db')
    expect(work.writer.nextToken).toBe(100)
    work.kill()
  })
})
