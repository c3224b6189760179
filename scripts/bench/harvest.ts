// Harvesting on the CPU, with Hugging Face transformers beside it where PyTorch is at hand:
//   node scripts/bench/harvest.ts [--model gpt2-small|pythia-70m] [--rounds 5] [--threads 2]
// SUTURE_BENCH_PYTHON names a Python that has torch and transformers. A round is 16 rows of 128 tokens to the middle
// layer's resid_pre; ours reads the corpus and writes the activation cache as well. Both take turns, so that the load
// of the machine falls on both. Checkpoints are random, of the models' shapes.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { HarvestRequest } from '#contract/activation-set.ts'
import type { JobControl } from '#contract/job.ts'
import type { Model } from '#contract/model.ts'
import { discardHarvest, harvest } from '../../src-main/activations/harvest.ts'
import { prepareHarvest } from '../../src-main/activations/harvest-plan.ts'
import { addTokenCorpus } from '../../src-main/corpus/add-corpus.ts'
import { addModel } from '../../src-main/language-model/add-model.ts'
import { resolveHook } from '../../src-main/language-model/hook-names.ts'
import { openFolder } from '../../src-main/language-model/inspect.ts'
import { openLanguageModel, type LanguageModel } from '../../src-main/language-model/language-model.ts'
import { passageGraph } from '../../src-main/language-model/passage.ts'
import { writeSafetensors } from '../../src-main/store/safetensors.ts'
import { openWorkspace, type Workspace } from '../../src-main/store/workspace.ts'
import { openPython } from './python.ts'
import { gpt2Small, pythia70m, writeRandomModel } from './random-model.ts'

const ROWS = 16
const CONTEXT = 128
const MODELS = [gpt2Small(), pythia70m()]

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
})
const threads = Number(options.threads)

const silent: JobControl = { report: () => {}, stopAsked: false, checkpoint: () => {} }
const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]
const tokensPerSecond = (ms: number): string => `${Math.round((ROWS * CONTEXT * 1000) / ms)} tokens/s`

function writeIds(file: string, vocabSize: number): void {
  const ids = Int32Array.from({ length: ROWS * CONTEXT }, (_, i) => (i * 7919 + 13) % vocabSize)
  writeSafetensors(file, { ids: { dtype: 'I32', shape: [ROWS, CONTEXT], pieces: [ids] } })
}

/** One harvest of all rows, cache included: milliseconds. */
async function round(
  workspace: Workspace,
  languageModel: LanguageModel,
  request: ReturnType<typeof HarvestRequest.parse>,
): Promise<number> {
  const plan = prepareHarvest(workspace, request)
  const began = performance.now()
  await harvest(plan, { languageModel, tokenizer: null }, workspace, silent)
  const ms = performance.now() - began
  discardHarvest(plan, workspace)
  return ms
}

interface ProfileEvent {
  cat: string
  name: string
  dur: number
  args?: { op_name?: string }
}

/** The share of a run's time that goes into matrix products, by onnxruntime's own clock. */
async function productShare(model: Model, hookName: string, folder: string): Promise<number> {
  const { architecture, checkpoint } = openFolder(model.folder)
  const passage = { wanted: [resolveHook(hookName, model)], areLong: false, centred: false }
  const session = await InferenceSession.create(passageGraph(architecture, checkpoint, passage).bytes, {
    intraOpNumThreads: threads,
    enableProfiling: true,
    profileFilePrefix: join(folder, 'profile'),
    extra: { session: { model_external_initializers_file_folder_path: checkpoint.root } },
  })
  const ids = new Tensor(
    'int32',
    Int32Array.from({ length: 256 }, (_, i) => i * 7),
    [2, CONTEXT],
  )
  for (let i = 0; i < 5; i++) await session.run({ ids })
  session.endProfiling()
  await session.release()
  const profile = readdirSync(folder).find((name) => name.startsWith('profile')) ?? ''
  const events = JSON.parse(readFileSync(join(folder, profile), 'utf8')) as ProfileEvent[]
  const kernels = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'))
  const time = (some: ProfileEvent[]): number => some.reduce((sum, { dur }) => sum + dur, 0)
  return time(kernels.filter(({ args }) => args?.op_name === 'Gemm')) / time(kernels)
}

async function compare(random: (typeof MODELS)[number]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'suture-bench-'))
  const workspace = openWorkspace(join(folder, 'workspace'))
  try {
    const modelFolder = join(folder, random.name)
    writeRandomModel(modelFolder, random)
    const model = await addModel(workspace, { folder: modelFolder, centerWritingWeights: false })
    const hookName = `blocks.${model.layers / 2}.hook_resid_pre`
    writeIds(join(folder, 'ids.safetensors'), model.vocabSize)
    const corpus = addTokenCorpus(workspace, { file: join(folder, 'ids.safetensors'), tensor: 'ids' })
    const request = HarvestRequest.parse({
      modelId: model.id,
      corpusId: corpus.id,
      hookNames: [hookName],
      tokens: ROWS * CONTEXT,
      prependBos: false,
    })
    const share = await productShare(model, hookName, folder)
    const languageModel = await openLanguageModel(model, { threads })
    const torch = openPython('torch_harvest.py', [modelFolder, model.layers / 2, ROWS, CONTEXT, threads])
    const ours: number[] = []
    const theirs: number[] = []
    for (let i = 0; i <= Number(options.rounds); i++) {
      const ms = await round(workspace, languageModel, request)
      const torchMs = (await torch?.ask())?.['ms']
      if (i === 0) continue // warm-up
      ours.push(ms)
      if (torchMs !== undefined) theirs.push(torchMs)
    }
    await torch?.close()
    await languageModel.close()
    console.log(`${random.name} to ${hookName}, ${ROWS} rows of ${CONTEXT}, ${threads} threads`)
    console.log(
      `  Suture   ${tokensPerSecond(median(ours))}, cache written; ${(100 * share).toFixed(0)} % of the model's time in matrix products`,
    )
    if (theirs.length === 0) console.log('  PyTorch  not at hand (set SUTURE_BENCH_PYTHON)')
    else {
      console.log(`  PyTorch  ${tokensPerSecond(median(theirs))}`)
      console.log(`  ratio    ${median(theirs.map((ms, i) => ms / ours[i])).toFixed(2)} ×`)
    }
  } finally {
    workspace.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

for (const random of MODELS) if (!options.model || options.model === random.name) await compare(random)
