// The pruned encoder on real activations: how often its bound decides, and whether it selects what the full product does:
//   node scripts/bench/pruning.ts [--shared ../shared] [--model neox-wiki-seed0] [--hook blocks.2.mlp.hook_post]
//                                 [--width 8192] [--batch 1024] [--k 32] [--steps 200] [--every 10] [--kind topk|standard]
// One trainee learns with pruning. Every so many steps its state is put into a second one without pruning, both take the
// next step, and features, L0, loss and time are compared. Activations are wikitext's, scaled to a mean norm of √d.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { HarvestRequest } from '#contract/activation-set.ts'
import type { JobControl } from '#contract/job.ts'
import { harvestJob } from '../../src-main/activations/harvest.ts'
import { prepareHarvest } from '../../src-main/activations/harvest-plan.ts'
import { openActivations } from '../../src-main/activations/reader.ts'
import { shuffledBatches } from '../../src-main/activations/shuffled-batches.ts'
import { integerProductIsExact } from '../../src-main/backends/cpu/integer-product.ts'
import { CpuTrainee } from '../../src-main/backends/cpu/trainee.ts'
import { addCorpus } from '../../src-main/corpus/add-corpus.ts'
import { addModel } from '../../src-main/language-model/add-model.ts'
import { initialState } from '../../src-main/sae/architectures/index.ts'
import type { StepReport, StepSettings, TraineeConfig } from '../../src-main/sae/backend.ts'
import { meanRow } from '../../src-main/sae/train/centre.ts'
import { expectedAverageFactor, normaliseRows } from '../../src-main/sae/train/input-scale.ts'
import { openWorkspace, type Workspace } from '../../src-main/store/workspace.ts'

const { values: options } = parseArgs({
  options: {
    shared: { type: 'string', default: '../shared' },
    model: { type: 'string', default: 'neox-wiki-seed0' },
    hook: { type: 'string', default: 'blocks.2.mlp.hook_post' },
    kind: { type: 'string', default: 'topk' },
    width: { type: 'string', default: '8192' },
    batch: { type: 'string', default: '1024' },
    k: { type: 'string', default: '32' },
    steps: { type: 'string', default: '200' },
    every: { type: 'string', default: '10' },
    tokens: { type: 'string', default: '100000' },
  },
})
const [width, batch, k, steps, every] = (['width', 'batch', 'k', 'steps', 'every'] as const).map((name) =>
  Number(options[name]),
)
const quiet: JobControl = { report: () => {}, stopAsked: false, checkpoint: () => {} }

/** Batches of a model's activations, without end. */
async function activations(workspace: Workspace): Promise<{ dIn: number; batches: Generator<Float32Array> }> {
  const shared = resolve(options.shared)
  const model = await addModel(workspace, {
    folder: join(shared, 'models', options.model),
    centerWritingWeights: false,
  })
  const corpus = await addCorpus(workspace, { files: [join(shared, 'corpora/wikitext-2-valid.txt')] })
  const request = { modelId: model.id, corpusId: corpus.id, hookNames: [options.hook] }
  const plan = prepareHarvest(workspace, HarvestRequest.parse({ ...request, tokens: Number(options.tokens) }))
  await harvestJob(plan, workspace, quiet)
  const reader = openActivations(workspace, plan.sets[0].id)
  const into = new Float32Array(batch * reader.set.dIn)
  const order = { batchTokens: batch, seed: 0, skipPosition0: true, fromBatch: 0, into }
  return { dIn: reader.set.dIn, batches: shuffledBatches(reader, order) }
}

function configOf(dIn: number): TraineeConfig {
  const size = { dIn, dSae: width, adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, deadAfter: 50_000 }
  return options.kind === 'topk'
    ? { ...size, architecture: 'topk', decoderNorm: 'free', k, auxK: 0 }
    : { ...size, architecture: 'standard', decoderNorm: 'free' }
}

async function timed(
  trainee: CpuTrainee,
  x: Float32Array,
  settings: StepSettings,
): Promise<{ report: StepReport; ms: number }> {
  const began = performance.now()
  const report = await trainee.step(x, batch, settings)
  return { report: { ...report, fires: report.fires.slice() }, ms: performance.now() - began }
}

async function compare(workspace: Workspace): Promise<void> {
  const { dIn, batches } = await activations(workspace)
  const first = batches.next().value as Float32Array
  const factor = expectedAverageFactor(first, dIn)
  const scaled = (x: Float32Array): Float32Array => {
    const out = x.slice()
    normaliseRows(out, dIn, 'expected_average_only_in', factor)
    return out
  }
  const config = configOf(dIn)
  const state = initialState(config, 0, Float32Array.from(meanRow(scaled(first), dIn)))
  const pruned = await CpuTrainee.open(config, state, { batchTokens: batch, threads: 1 })
  const full = await CpuTrainee.open(config, state, { batchTokens: batch, threads: 1 }, false)
  const learningRate = 0.5 / Math.sqrt(width * dIn)
  const sparsity = 0.1 * Math.sqrt(dIn)
  console.log(`${options.kind} on ${options.model} ${options.hook}, d=${dIn} F=${width} B=${batch}`)
  console.log('step   path             L0      features unlike   loss, relative   full ÷ pruned time')
  const pruneable = { checked: 0, pruned: 0, unlike: 0 }
  for (let step = 0; step < steps; step++) {
    const x = scaled(batches.next().value as Float32Array)
    const settings = { learningRate, sparsity, aux: 0, cosine: 0, clipNorm: null }
    const compares = step % every === 0
    if (compares) await full.write(await pruned.read())
    const ours = await timed(pruned, x, settings)
    if (!compares) continue
    const theirs = await timed(full, x, settings)
    const unlike = ours.report.fires.reduce((sum, n, j) => sum + Math.abs(n - theirs.report.fires[j]), 0)
    pruneable.checked++
    pruneable.pruned += ours.report.path.includes('pruned') ? 1 : 0
    pruneable.unlike += unlike
    const apart = Math.abs(ours.report.loss - theirs.report.loss) / theirs.report.loss
    console.log(
      `${String(step).padEnd(6)} ${ours.report.path.padEnd(16)} ${ours.report.l0.toFixed(1).padEnd(7)} ` +
        `${String(unlike).padEnd(17)} ${apart.toExponential(1).padEnd(16)} ${(theirs.ms / ours.ms).toFixed(2)}`,
    )
  }
  console.log(
    `${pruneable.pruned} of ${pruneable.checked} steps pruned; ${pruneable.unlike} firings differ in all ` +
      `(of ${pruneable.checked * batch * k} at L0 ${k})`,
  )
  await pruned.dispose()
  await full.dispose()
}

if (!(await integerProductIsExact())) {
  console.log(
    'Pruning is off here: 8-bit products of this processor saturate (x86 without VNNI). Nothing to compare.',
  )
  process.exit(0)
}
const folder = mkdtempSync(join(tmpdir(), 'suture-pruning-'))
const workspace = openWorkspace(folder)
try {
  await compare(workspace)
} finally {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
}
