import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Demo } from '#contract/demo.ts'
import { DemoRecord, isOutdated } from '../../../src-main/demo/demo-record.ts'
import { currentEdition } from '../../../src-main/demo/edition.ts'
import { removeDemo, retireDemo } from '../../../src-main/demo/replace-demo.ts'
import { prepareOnFirstStart } from '../../../src-main/rpc/demo.ts'
import type { JobQueue } from '../../../src-main/jobs/queue.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'

let folder: string
let workspace: Workspace
beforeEach(() => (workspace = openWorkspace((folder = mkdtempSync(join(tmpdir(), 'suture-demo-'))))))
afterEach(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A bare row: who refers to whom is all that matters here. */
function add(kind: string, id: string, name: string, ...from: string[]): void {
  workspace.db
    .prepare('INSERT INTO things (id, kind, name, created_at, data) VALUES (?, ?, ?, ?, ?)')
    .run(id, kind, name, '2026-01-01T00:00:00.000Z', JSON.stringify({ from }))
}
const names = (): string[] =>
  (workspace.db.prepare('SELECT name FROM things ORDER BY name').pluck().all() as string[]).sort()
function label(saeId: string): void {
  const columns = (workspace.db.prepare('PRAGMA table_info(labels)').all() as Column[]).filter(
    (column) => column.notnull && column.dflt_value === null,
  )
  const values = columns.map(({ name, type }) => (name === 'sae_id' ? saeId : type === 'TEXT' ? '' : 0))
  const marks = columns.map(() => '?').join(', ')
  workspace.db
    .prepare(`INSERT INTO labels (${columns.map(({ name }) => name).join(', ')}) VALUES (${marks})`)
    .run(...values)
}
interface Column {
  name: string
  type: string
  notnull: number
  dflt_value: string | null
}

function anEarlierDemo(): void {
  add('model', 'm-aaaaaaaa', 'Demo model')
  add('corpus', 'c-aaaaaaaa', 'Demo stories')
  add('activations', 'a-aaaaaaaa', 'Demo activations')
  add('run', 'r-aaaaaaaa', 'Demo run')
  add('sae', 's-aaaaaaaa', 'Demo SAE 64')
  add('sae', 's-bbbbbbbb', 'Demo SAE 128')
  add('index', 'i-aaaaaaaa', 'index of 64', 's-aaaaaaaa', 'a-aaaaaaaa')
  add('comparison', 'p-aaaaaaaa', 'compared', 's-aaaaaaaa', 's-bbbbbbbb', 'a-aaaaaaaa')
  const record = { modelId: 'm-aaaaaaaa', corpusId: 'c-aaaaaaaa', activationSetId: 'a-aaaaaaaa' }
  const made = { runId: 'r-aaaaaaaa', saeIds: ['s-aaaaaaaa', 's-bbbbbbbb'], indexIds: ['i-aaaaaaaa'] }
  const whole = { comparisonId: 'p-aaaaaaaa', stage: 6, complete: true, edition: 'before' }
  new DemoRecord(workspace).update(Demo.parse({ ...record, ...made, ...whole }))
}

describe('a Demo workspace of another edition', () => {
  test('is told by its record: another edition, or one from before editions were written down', () => {
    expect(isOutdated(Demo.parse({ edition: currentEdition() }))).toBe(false)
    expect(isOutdated(Demo.parse({ edition: 'before' }))).toBe(true)
    expect(isOutdated(Demo.parse({}))).toBe(true)
  })

  test('makes room, and nothing of the person’s own goes with it', () => {
    anEarlierDemo()
    add('sae', 's-cccccccc', 'my SAE')
    label('s-cccccccc')
    retireDemo(workspace)
    expect(names()).toEqual(['my SAE'])
    expect(workspace.db.prepare('SELECT count(*) FROM labels').pluck().get()).toBe(1)
    expect(new DemoRecord(workspace).find()).toBeUndefined()
  })

  test('keeps what was labelled or stitched, marked as of an earlier demo', () => {
    anEarlierDemo()
    label('s-bbbbbbbb')
    add('stitch', 't-aaaaaaaa', 'my bench', 's-aaaaaaaa', 'a-aaaaaaaa')
    retireDemo(workspace)
    expect(names()).toEqual([
      'Demo SAE 128 (earlier demo)',
      'Demo SAE 64 (earlier demo)',
      'Demo activations (earlier demo)',
      'my bench',
    ])
    expect(workspace.db.prepare('SELECT count(*) FROM labels').pluck().get()).toBe(1)
  })

  test('a cancelled preparation takes all that it made', () => {
    anEarlierDemo()
    label('s-bbbbbbbb')
    removeDemo(workspace)
    expect(names()).toEqual([])
  })
})

describe('the very first start', () => {
  const queue = (): { jobs: JobQueue; added: string[] } => {
    const added: string[] = []
    const jobs = {
      list: () => [],
      add: ({ kind }: { kind: string }) => (added.push(kind), { id: 'j-aaaaaaaa' }),
    }
    return { jobs: jobs as unknown as JobQueue, added }
  }
  test('prepares the demo in an empty workspace, and never again unasked', () => {
    const { jobs, added } = queue()
    prepareOnFirstStart({ workspace, jobs })
    prepareOnFirstStart({ workspace, jobs })
    expect(added).toEqual(['demo'])
  })
  test('leaves a workspace alone that has something in it', () => {
    add('sae', 's-cccccccc', 'my SAE')
    const { jobs, added } = queue()
    prepareOnFirstStart({ workspace, jobs })
    expect(added).toEqual([])
  })
})
