import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FeatureLabel } from '#contract/label.ts'
import type { Sae } from '#contract/sae.ts'
import { kappa, labelAgreement } from '../../../src-main/features/label-agreement.ts'
import { labelsFromCsv, labelsToCsv, parseCsv } from '../../../src-main/features/label-csv.ts'
import { readLabelFile, resolveConflicts, writeLabelFile } from '../../../src-main/features/label-file.ts'
import { LabelStore } from '../../../src-main/store/labels.ts'
import { openWorkspace, type Workspace } from '../../../src-main/store/workspace.ts'
import { temporaryFolder } from './fakes.ts'

let folder: string
let remove: () => void
let workspace: Workspace
let store: LabelStore
const sae = 's-aaaaaaaa' as Sae['id']
const other = 's-bbbbbbbb' as Sae['id']

beforeEach(() => {
  ;({ folder, remove } = temporaryFolder())
  workspace = openWorkspace(folder)
  store = new LabelStore(workspace.db)
})
afterEach(() => (workspace.close(), remove()))

const say = (feature: number, change: Partial<FeatureLabel>, author = 'ada'): FeatureLabel[] =>
  store.edit(sae, [{ feature, change, author }])

describe('labels', () => {
  test('survive closing the workspace, and those of another SAE stay apart', () => {
    say(7, { label: 'weekdays', tags: ['time', 'time', 'names'], confidence: 0.5 })
    workspace.close()
    workspace = openWorkspace(folder)
    const again = new LabelStore(workspace.db)
    expect(again.list(sae)).toMatchObject([
      {
        feature: 7,
        label: 'weekdays',
        tags: ['time', 'names'],
        confidence: 0.5,
        starred: false,
        author: 'ada',
      },
    ])
    expect(again.list(other)).toEqual([])
  })

  test('remember who changed what, and what it was before', () => {
    say(7, { label: 'days' })
    say(7, { label: 'weekdays', starred: true }, 'bob')
    expect(store.history(sae, 7)).toMatchObject([
      { field: 'starred', before: false, after: true, author: 'bob' },
      { field: 'label', before: 'days', after: 'weekdays', author: 'bob' },
      { field: 'label', before: '', after: 'days', author: 'ada' },
    ])
  })

  test('saying the same again changes nothing', () => {
    say(7, { label: 'days' })
    expect(say(7, { label: 'days' })).toEqual([])
    expect(store.history(sae, 7)).toHaveLength(1)
  })

  test('undo goes back edit by edit, redo forward again, until a new edit', () => {
    say(1, { label: 'a' })
    say(1, { label: 'b', starred: true })
    say(2, { label: 'c' })
    store.undo(sae, 'ada')
    store.undo(sae, 'ada')
    expect(store.list(sae)).toMatchObject([{ feature: 1, label: 'a', starred: false }])
    store.redo(sae, 'ada')
    expect(store.get(sae, 1)).toMatchObject({ label: 'b', starred: true })
    say(3, { label: 'd' })
    expect(() => store.redo(sae, 'ada')).toThrow('nothing was taken back')
    for (let i = 0; i < 3; i++) store.undo(sae, 'ada')
    expect(store.list(sae)).toEqual([])
    expect(() => store.undo(sae, 'ada')).toThrow('there is no edit')
  })

  test('many edits at once are one step to undo', () => {
    store.edit(
      sae,
      [1, 2, 3].map((feature) => ({ feature, change: { label: `f${feature}` }, author: 'ada' })),
    )
    expect(
      store
        .undo(sae, 'ada')
        .map((l) => l.feature)
        .sort(),
    ).toEqual([1, 2, 3])
    expect(store.list(sae)).toEqual([])
  })

  test('are found by the beginnings of words in label, notes and tags, also after they changed', () => {
    say(1, { label: 'Weekdays in letters', notes: 'Monday…' })
    say(2, { label: 'months', tags: ['calendar'] })
    const found = (text: string): number[] => store.search(sae, text, 10).map((l) => l.feature)
    expect(found('week let')).toEqual([1])
    expect(found('mon').sort()).toEqual([1, 2])
    expect(found('CALENDAR')).toEqual([2])
    expect(found('"; DROP TABLE labels --')).toEqual([])
    expect(found('  ')).toEqual([])
    say(1, { label: 'verbs', notes: '' })
    expect(found('week')).toEqual([])
    store.undo(sae, 'ada')
    expect(found('week')).toEqual([1])
  })
})

describe('label files', () => {
  const theSae = {
    name: 'an SAE',
    dSae: 100,
    modelName: 'gpt2-small',
    hookName: 'blocks.8.hook_resid_pre',
  } as Sae
  const awkward = 'says "no", twice;\nand, on'

  beforeEach(() => {
    say(3, { label: awkward, notes: 'a\r\nb', tags: ['x', 'y z'], starred: true, confidence: 0.25 })
    say(9, { uninterpretable: true })
  })

  for (const format of ['csv', 'neuronpedia'] as const)
    test(`come back as they went out, as ${format}`, () => {
      const file = join(folder, `labels.${format}`)
      writeLabelFile(file, format, store.list(sae), theSae)
      const edits = resolveConflicts(readLabelFile(file, theSae), new Map(), 'newer', 'nobody')
      store.edit(other, edits)
      const bare = (labels: FeatureLabel[]): unknown[] => labels.map(({ updatedAt: _, ...label }) => label)
      expect(bare(store.list(other))).toEqual(bare(store.list(sae)))
    })

  test('as Neuronpedia they have its fields', () => {
    const file = join(folder, 'labels.jsonl')
    writeLabelFile(file, 'neuronpedia', store.list(sae), theSae)
    const first = JSON.parse(readFileSync(file, 'utf8').split('\n')[0]) as object
    expect(first).toMatchObject({
      modelId: 'gpt2-small',
      index: '3',
      description: awkward,
      typeName: 'human',
    })
  })

  test('a file of Neuronpedia’s own is read', () => {
    const file = join(folder, 'np.jsonl')
    writeFileSync(
      file,
      '{"modelId":"gpt2-small","layer":"8-res-jb","index":"12","description":" dates ","typeName":"oai_token-act-pair"}\n',
    )
    expect(readLabelFile(file, theSae)).toEqual([
      { feature: 12, change: { label: 'dates' }, author: null, updatedAt: null },
    ])
  })

  test('a broken line, an unknown feature, a missing column are named', () => {
    const csv = (text: string): string => {
      writeFileSync(join(folder, 'bad.csv'), text)
      return join(folder, 'bad.csv')
    }
    expect(() => readLabelFile(csv('feature,label\n1,a\nx,b\n'), theSae)).toThrow('line 3, column feature')
    expect(() => readLabelFile(csv('feature,confidence\n1,2\n'), theSae)).toThrow('line 2, column confidence')
    expect(() => readLabelFile(csv('feature,label\n100,a\n'), theSae)).toThrow('it labels feature 100')
    expect(() => readLabelFile(csv('number,label\n1,a\n'), theSae)).toThrow('no column "feature"')
    expect(() => readLabelFile(csv('{"index":1}\n{"index":\n'), theSae)).toThrow('line 2 is not JSON')
  })

  test('a spreadsheet’s byte order mark and CSV with one column are no trouble', () => {
    expect(labelsFromCsv('f', '\uFEFFfeature,label\r\n1,"a,b"\r\n\r\n2,c')).toMatchObject([
      { feature: 1, change: { label: 'a,b' } },
      { feature: 2, change: { label: 'c' } },
    ])
    expect(parseCsv('f', 'a\nb\n').map((row) => row.cells)).toEqual([['a'], ['b']])
    expect(labelsToCsv([])).toBe(
      'feature,label,notes,tags,starred,uninterpretable,confidence,author,updated_at\r\n',
    )
  })

  test('where both say something, mine, theirs or the newer stays', () => {
    const mine = new Map(store.list(sae).map((l) => [l.feature, l]))
    const line = { feature: 3, change: { label: 'theirs' }, author: 'bob', updatedAt: '2001-01-01T00:00:00Z' }
    const edits = (conflict: 'mine' | 'theirs' | 'newer', updatedAt: string | null): number =>
      resolveConflicts([{ ...line, updatedAt }], mine, conflict, 'me').length
    expect(edits('mine', '2999-01-01T00:00:00Z')).toBe(0)
    expect(edits('theirs', null)).toBe(1)
    expect(edits('newer', '2001-01-01T00:00:00Z')).toBe(0)
    expect(edits('newer', '2999-01-01T00:00:00Z')).toBe(1)
  })

  test('agreement goes by words, not by case or punctuation', () => {
    const line = (feature: number, label: string): Parameters<typeof labelAgreement>[1][number] => ({
      feature, change: { label }, author: 'bob', updatedAt: null,
    }) // prettier-ignore
    say(4, { label: 'Verbs, past tense' })
    const agreement = labelAgreement(store.list(sae), [
      line(4, 'verbs past tense!'),
      line(9, 'noise'),
      line(50, 'new'),
    ])
    expect(agreement.rows.map((r) => [r.feature, r.verdict])).toEqual([
      [3, 'only mine'], [4, 'same'], [9, 'different'], [50, 'only theirs'],
    ]) // prettier-ignore
    expect(agreement).toMatchObject({ same: 1, different: 1, onlyMine: 1, onlyTheirs: 1 })
  })

  test('kappa is 1 in full agreement, 0 at chance, null when nothing varies', () => {
    const pairs = (text: string): boolean[][] => text.split(' ').map((p) => [p[0] === 'y', p[1] === 'y'])
    expect(kappa(pairs('yy nn'))).toBe(1)
    expect(kappa(pairs('yy yn ny nn'))).toBe(0)
    expect(kappa(pairs('nn nn'))).toBeNull()
  })
})
