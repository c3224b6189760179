// Memory that a language model takes, against the size of its checkpoint:
//   node scripts/bench/model-memory.ts [FOLDER | --dtype F32|F16|BF16]
// A model folder; without one, about 500 MB of random weights: of GPT-2 small's shape in 32 bits, of 16 layers of
// width 1024 in 16. Peak resident memory of this process, the mapped pages of the checkpoint included, less what it
// had before the model was opened: first a harvest at the last hook point, 16 rows of 128 tokens at a time, then
// next-token losses.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ModelId } from '#contract/ids.ts'
import { inspectFolder } from '../../src-main/language-model/inspect.ts'
import { openLanguageModel } from '../../src-main/language-model/language-model.ts'
import { gpt2Between, gpt2Small, writeRandomModel } from './random-model.ts'

const ROWS = 16
const CONTEXT = 128
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
const peak = (): number => process.resourceUsage().maxRSS * 1024

async function measure(folder: string): Promise<void> {
  const facts = await inspectFolder(folder)
  const history = { madeBy: 'bench', from: [], parameters: {}, version: '0' }
  const thing = {
    id: ModelId.parse('m-benchmark'),
    name: folder,
    createdAt: '',
    provenance: history,
    ...facts,
  }
  const before = process.memoryUsage.rss()
  const model = await openLanguageModel(thing)
  const ids = Int32Array.from({ length: ROWS * CONTEXT }, (_, i) => (i * 7919 + 13) % facts.vocabSize)
  const last = facts.hookPoints[facts.hookPoints.length - 1].name
  const say = (what: string): void => {
    const more = peak() - before
    console.log(
      `${what.padEnd(20)} ${megabytes(more)}, ${(more / facts.weightBytes).toFixed(2)} × the checkpoint`,
    )
  }
  console.log(`checkpoint           ${megabytes(facts.weightBytes)} (${facts.weightDtype})`)
  for (let i = 0; i < 2; i++) await model.runTo([last], ids, ROWS)
  say(`harvest at the end`)
  await model.tokenLoss(ids.subarray(0, 4 * CONTEXT), 4)
  say('with losses')
  await model.close()
}

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { dtype: { type: 'string', default: 'F32' } },
})
const dtype = (['F32', 'F16', 'BF16'] as const).find((known) => known === options.dtype)
if (!dtype) throw new Error(`--dtype is ${options.dtype}; F32, F16 or BF16 can be measured`)
const given = positionals[0]
const made = given === undefined ? mkdtempSync(join(tmpdir(), 'suture-bench-')) : undefined
try {
  if (made !== undefined) writeRandomModel(made, dtype === 'F32' ? gpt2Small() : gpt2Between(), dtype)
  await measure(given ?? made ?? '')
} finally {
  if (made !== undefined) rmSync(made, { recursive: true, force: true })
}
