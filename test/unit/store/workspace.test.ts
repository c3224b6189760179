import Database from 'better-sqlite3'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Corpus } from '#contract/corpus.ts'
import { ProblemError } from '#contract/problem.ts'
import { migrate, openDatabase } from '../../../src-main/store/database.ts'
import { JobTable } from '../../../src-main/store/jobs.ts'
import { detailOf } from '../../../src-main/store/thing-detail.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'

let folder: string
let workspace: Workspace
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'suture-store-'))
  workspace = openWorkspace(folder)
})
afterEach(() => {
  workspace.close()
  rmSync(folder, { recursive: true })
})

const corpus = (name: string): Corpus => ({
  id: workspace.corpora.newId(),
  name,
  createdAt: new Date().toISOString(),
  provenance: { madeBy: 'test', from: [], parameters: {}, version: '0' },
  format: 'text',
  files: [{ path: '/tmp/a.txt', bytes: 3 }],
  field: null,
  bytes: 3,
  rows: null,
  contextSize: null,
})

test('a thing is read back as it was written, by another connection too', () => {
  const written = workspace.corpora.put(corpus('stories'))
  const other = openWorkspace(folder)
  expect(other.corpora.get(written.id)).toEqual(written)
  other.close()
})

test('a thing that is not there is a problem that names the id', () => {
  const id = workspace.corpora.newId()
  expect(() => workspace.corpora.get(id)).toThrow(ProblemError)
  expect(() => workspace.corpora.get(id)).toThrow(id)
})

test('a thing that does not fit its schema is not stored', () => {
  expect(() => workspace.corpora.put({ ...corpus('x'), bytes: -0.5 })).toThrow()
  expect(workspace.corpora.list()).toEqual([])
})

test('an update changes what it names and nothing else', () => {
  const before = workspace.corpora.put(corpus('old'))
  workspace.corpora.update(before.id, { name: 'new' })
  expect(workspace.corpora.get(before.id)).toEqual({ ...before, name: 'new' })
})

test('a database of a newer program is refused, not touched', () => {
  const file = join(folder, 'newer.db')
  const db = new Database(file)
  db.pragma('user_version = 99')
  expect(() => migrate(db, file, [])).toThrow('schema 99')
  db.close()
})

test('a file that is no database is a problem that names it', () => {
  const file = join(folder, 'noise.db')
  writeFileSync(
    file,
    'this is not a database, it is a sentence that is long enough to be read as a header of one',
  )
  expect(() => openDatabase(file)).toThrow(file)
})

test('a running job whose process is gone was interrupted; one whose process lives was not', () => {
  const table = new JobTable(workspace.db)
  const [a, b] = ['a', 'b'].map((title) => table.add({ kind: 'harvest', title, makes: null, params: {} }))
  expect(table.start(a.id, 1)).toBe(true)
  expect(table.start(b.id, 2)).toBe(true)
  expect(table.interrupted((pid) => pid === 2).map((job) => job.title)).toEqual(['a'])
  expect(table.get(b.id).state).toBe('running')
})

test('a job is taken by one process only', () => {
  const table = new JobTable(workspace.db)
  const job = table.add({ kind: 'harvest', title: 'a', makes: null, params: {} })
  expect([table.start(job.id, 1), table.start(job.id, 2)]).toEqual([true, false])
})

test('a thing knows what it was made from and what was made from it, as far as that is still here', () => {
  const stories = workspace.corpora.put(corpus('stories'))
  const excerpt = corpus('excerpt')
  excerpt.provenance.from = [stories.id, 'c-longgone']
  workspace.corpora.put(excerpt)
  expect(detailOf(workspace, stories.id)).toMatchObject({
    kind: 'corpus',
    madeFrom: [],
    usedBy: [{ id: excerpt.id, kind: 'corpus', name: 'excerpt' }],
    files: [],
  })
  expect(detailOf(workspace, excerpt.id)).toMatchObject({
    madeFrom: [{ id: stories.id, name: 'stories' }],
    usedBy: [],
  })
  expect(() => detailOf(workspace, 'c-nothing1')).toThrow(ProblemError)
})
