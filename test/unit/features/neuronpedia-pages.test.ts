import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCodesFile } from '../../../src-main/features/codes-file.ts'
import { COUNTED, IndexWriter } from '../../../src-main/features/index-writer.ts'
import { writeNeuronpediaPages } from '../../../src-main/features/neuronpedia-pages.ts'
import { LabelStore } from '../../../src-main/store/labels.ts'
import type { Workspace } from '../../../src-main/store/workspace.ts'
import { sampleSae } from '../sae/formats/sample.ts'
import { codesOf, putActivations, saeRow, workspaceWithIndex } from './fakes.ts'

const CONTEXT = 10
const TOKENS = 100
/** Feature 0 fires on every tenth token, ever stronger; feature 1 never. */
const dense = Array.from({ length: TOKENS }, (_, t) => [t % 10 === 5 ? (t + 5) / 10 : 0, 0])

let workspace: Workspace
let folder: string
let saeId: ReturnType<Workspace['saes']['newId']>
beforeEach(() => {
  const made = workspaceWithIndex(TOKENS, 2)
  workspace = made.workspace
  folder = mkdtempSync(join(tmpdir(), 'pages-'))
  const sae = workspace.saes.put(saeRow(workspace, sampleSae('standard', 1, 3, 2), { id: made.index.saeId }))
  saeId = sae.id
  putActivations(workspace, {
    id: made.index.parts[0].activationSetId,
    ids: Array.from({ length: TOKENS }, (_, t) => t),
    contextSize: CONTEXT,
  })
  const file = createCodesFile(workspace.codesFile(made.index.id), 2, 1)
  const writer = new IndexWriter(file)
  writer.add(codesOf(dense), new Uint8Array(TOKENS).fill(COUNTED))
  workspace.indexes.update(made.index.id, { ...writer.commit(), complete: true })
  file.db.close()
  new LabelStore(workspace.db).edit(saeId, [{ feature: 0, change: { label: 'tenths' }, author: 'me' }])
})
afterEach(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})

const read = (name: string): Record<string, unknown>[] =>
  gunzipSync(readFileSync(join(folder, name)))
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('the pages of an SAE are one record a feature, its examples by interval, and its label', async () => {
  const files = await writeNeuronpediaPages(workspace, saeId, folder)
  expect(files.map((name) => name.replaceAll('\\', '/')).sort()).toEqual([
    'activations/batch-0.jsonl.gz',
    'explanations/batch-0.jsonl.gz',
    'features/batch-0.jsonl.gz',
  ])
  const [first, silent] = read('features/batch-0.jsonl.gz')
  expect(first).toMatchObject({
    modelId: 'stories260K',
    layer: '2-an SAE',
    index: '0',
    maxActApprox: 10,
    frac_nonzero: 0.1,
    vectorLabel: 'tenths',
  })
  expect(silent).toMatchObject({ index: '1', maxActApprox: 0, frac_nonzero: 0 })

  const activations = read('activations/batch-0.jsonl.gz')
  expect(activations[0]).toMatchObject({
    index: '0',
    maxValue: 10,
    qualifyingTokenIndex: 5,
    maxValueTokenIndex: 5,
    binContains: -1,
  })
  const inIntervals = activations.filter(({ binContains }) => binContains !== -1)
  expect(inIntervals).toHaveLength(10)
  expect(
    inIntervals.every(
      ({ binMin, binMax, qualifyingValue: a }) => Number(binMin) <= Number(a) && Number(a) <= Number(binMax),
    ),
  ).toBe(true)
  expect(read('explanations/batch-0.jsonl.gz')).toMatchObject([
    { index: '0', description: 'tenths', authorName: 'me' },
  ])
})

test('of an SAE without an index are refused with what to do', async () => {
  const sae = workspace.saes.put(saeRow(workspace, sampleSae('standard', 1, 3, 2)))
  await expect(writeNeuronpediaPages(workspace, sae.id, folder)).rejects.toThrow('it has no feature index')
})
