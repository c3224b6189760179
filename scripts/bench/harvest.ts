// Harvesting on the CPU, with Hugging Face transformers beside it where PyTorch is at hand:
//   node scripts/bench/harvest.ts [--model gpt2-small|pythia-70m] [--rounds 9] [--batches 4] [--threads 2]
// SUTURE_BENCH_PYTHON names a Python that has torch and transformers. A round is some batches of 16 rows of 128 tokens
// to the middle layer's resid_pre; ours reads the corpus and writes the activation cache as well. Both take turns, now
// one and now the other first, so that the load of the machine falls on both: the ratio is the median of those of the
// rounds, beside the quarters it lies between. CPU time does not count what other programs take. Checkpoints are
// random, of the models' shapes.
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
import { openPython, type Python } from './python.ts'
import { gpt2Small, pythia70m, writeRandomModel } from './random-model.ts'

const ROWS = 16
const CONTEXT = 128
const MODELS = [gpt2Small(), pythia70m()]

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    batches: { type: 'string', default: '4' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  },
})
const threads = Number(options.threads)
const rowsOfRound = ROWS * Number(options.batches)

const silent: JobControl = { report: () => {}, stopAsked: false, checkpoint: () => {} }
/** What a round took. */
interface Took {
  ms: number
  cpuMs: number
}

const quantile = (numbers: readonly number[], share: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(share * (numbers.length - 1))]
const median = (numbers: readonly number[]): number => quantile(numbers, 0.5)

function writeIds(file: string, vocabSize: number): void {
  const ids = Int32Array.from({ length: rowsOfRound * CONTEXT }, (_, i) => (i * 7919 + 13) % vocabSize)
  writeSafetensors(file, { ids: { dtype: 'I32', shape: [rowsOfRound, CONTEXT], pieces: [ids] } })
}

/** One harvest of all rows, cache included. */
async function round(
  workspace: Workspace,
  languageModel: LanguageModel,
  request: ReturnType<typeof HarvestRequest.parse>,
): Promise<Took> {
  const plan = prepareHarvest(workspace, request)
  const before = process.cpuUsage()
  const began = performance.now()
  await harvest(plan, { languageModel, tokenizer: null }, workspace, silent)
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(before)
  discardHarvest(plan, workspace)
  return { ms, cpuMs: (user + system) / 1000 }
}

async function torchRound(torch: Python): Promise<Took> {
  const { ms, cpuMs } = await torch.ask()
  return { ms, cpuMs }
}

/** Rounds in pairs, the first of which warms up. Theirs is empty without PyTorch. */
async function pairs(
  ours: () => Promise<Took>,
  theirs: (() => Promise<Took>) | null,
): Promise<{ ours: Took[]; theirs: Took[] }> {
  const took: { ours: Took[]; theirs: Took[] } = { ours: [], theirs: [] }
  for (let i = 0; i <= Number(options.rounds); i++) {
    if (theirs && i % 2 === 1) took.theirs.push(await theirs())
    took.ours.push(await ours())
    if (theirs && i % 2 === 0) took.theirs.push(await theirs())
  }
  return { ours: took.ours.slice(1), theirs: took.theirs.slice(1) }
}

const rates = (took: readonly Took[]): string => {
  const tokens = rowsOfRound * CONTEXT
  const perSecond = Math.round((1000 * tokens) / median(took.map(({ ms }) => ms)))
  return `${perSecond} tokens/s, ${((1000 * median(took.map(({ cpuMs }) => cpuMs))) / tokens).toFixed(0)} µs of CPU time a token`
}

function say({ ours, theirs }: { ours: Took[]; theirs: Took[] }, share: number): void {
  console.log(`  Suture   ${rates(ours)}, cache written`)
  console.log(`           ${(100 * share).toFixed(0)} % of the model's time in matrix products`)
  if (theirs.length === 0) return console.log('  PyTorch  not at hand (set SUTURE_BENCH_PYTHON)')
  console.log(`  PyTorch  ${rates(theirs)}`)
  const [time, cpu] = (['ms', 'cpuMs'] as const).map((what) =>
    theirs.map((took, i) => took[what] / ours[i][what]),
  )
  const [from, ratio, to] = [0.25, 0.5, 0.75].map((q) => quantile(time, q).toFixed(2))
  console.log(`  ratio    ${ratio} × (${from} to ${to}), in CPU time ${median(cpu).toFixed(2)} ×`)
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
      tokens: rowsOfRound * CONTEXT,
      prependBos: false,
    })
    const share = await productShare(model, hookName, folder)
    const languageModel = await openLanguageModel(model, { threads })
    const torch = openPython('torch_harvest.py', [
      modelFolder,
      model.layers / 2,
      ROWS,
      CONTEXT,
      threads,
      options.batches,
    ])
    const took = await pairs(
      () => round(workspace, languageModel, request),
      torch && (() => torchRound(torch)),
    )
    await torch?.close()
    await languageModel.close()
    console.log(`${random.name} to ${hookName}, batches of ${ROWS} rows of ${CONTEXT}, ${threads} threads`)
    say(took, share)
  } finally {
    workspace.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

for (const random of MODELS) if (!options.model || options.model === random.name) await compare(random)
