// How good the trained SAEs are, on real activations:
//   node scripts/bench/quality.ts [--shared ../shared] [--workspace DIR] [--tokens N]
//       ours beside each SAE of shared/saes: same width and kind, MSE at equal L0 on the same held-out tokens
//   node scripts/bench/quality.ts --defaults [--kinds jumprelu,gated] [--widths 64,512]
//       every kind as it is trained when nothing but its width is said
// Ours are trained on stories260K's activations of tinystories-sampled.txt at the hook of those SAEs. Held out: the
// activations in shared/reference (of other text), position 0 of every row left out for both. MSE is summed over d and
// averaged over tokens. --workspace keeps the harvested activations for the next time.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { HarvestRequest, type ActivationSet } from '#contract/activation-set.ts'
import type { JobControl } from '#contract/job.ts'
import { Architecture } from '#contract/sae.ts'
import { TrainRequest } from '#contract/training.ts'
import { harvestJob } from '../../src-main/activations/harvest.ts'
import { prepareHarvest } from '../../src-main/activations/harvest-plan.ts'
import { trainingTools } from '../../src-main/backends/training-tools.ts'
import { addCorpus } from '../../src-main/corpus/add-corpus.ts'
import { addModel } from '../../src-main/language-model/add-model.ts'
import { readSaelensFolder } from '../../src-main/sae/formats/saelens.ts'
import { loadSae } from '../../src-main/sae/load.ts'
import { evaluateSae, type Measures } from '../../src-main/sae/train/evaluate.ts'
import { trainJobParams } from '../../src-main/sae/train/job-params.ts'
import { trainJob } from '../../src-main/sae/train/job.ts'
import { createRun } from '../../src-main/sae/train/start.ts'
import type { SaeWeights } from '../../src-main/sae/weights.ts'
import { openSafetensors } from '../../src-main/store/safetensors.ts'
import { openWorkspace, type Workspace } from '../../src-main/store/workspace.ts'

const HOOK = 'blocks.2.hook_resid_pre'
const CONTEXT = 256
/** Ours are trained to these shares of the other's L0, so that their line passes it. */
const AROUND = [0.85, 1.15]

const { values: options } = parseArgs({
  options: {
    shared: { type: 'string', default: '../shared' },
    workspace: { type: 'string' },
    tokens: { type: 'string' },
    defaults: { type: 'boolean', default: false },
    kinds: { type: 'string', default: Architecture.options.join(',') },
    widths: { type: 'string', default: '64,128,256,512' },
  },
})
const shared = resolve(options.shared)

/** Says where a job is, on one line of stderr. */
const control: JobControl = {
  stopAsked: false,
  checkpoint: () => {},
  report: (phase, done, total) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${phase} ${done} / ${total ?? '?'}   `)
  },
}

/** The activations that a workspace was made for, harvested where they are not there yet. */
async function activationsIn(workspace: Workspace): Promise<ActivationSet> {
  const there = workspace.activationSets.list().find((set) => set.complete && set.hookName === HOOK)
  if (there) return there
  const model = await addModel(workspace, {
    folder: join(shared, 'models/stories260K'),
    centerWritingWeights: false,
  })
  const corpus = await addCorpus(workspace, { files: [join(shared, 'corpora/tinystories-sampled.txt')] })
  const ids = { modelId: model.id, corpusId: corpus.id, hookNames: [HOOK] }
  const plan = prepareHarvest(
    workspace,
    HarvestRequest.parse({ ...ids, contextSize: CONTEXT, tokens: 2_000_000 }),
  )
  await harvestJob(plan, workspace, control)
  return workspace.activationSets.get(plan.sets[0].id)
}

/** The reference tokens' activations [n, d], without position 0. */
function heldOut(): Float32Array {
  const file = openSafetensors(join(shared, 'reference/saes-stories260K.safetensors'))
  const [tokens, d] = file.entry('activations_f32').shape
  const all = file.readF32('activations_f32')
  const rows = Array.from({ length: tokens }, (_, t) => t).filter((t) => t % CONTEXT !== 0)
  const out = new Float32Array(rows.length * d)
  for (const [i, t] of rows.entries()) out.set(all.subarray(t * d, (t + 1) * d), i * d)
  return out
}

async function measure(weights: SaeWeights, x: Float32Array): Promise<Measures> {
  const encoder = await trainingTools.openEncoder(weights)
  const chunks = async function* (): AsyncGenerator<Float32Array> {
    const length = 2048 * weights.dIn
    for (let at = 0; at < x.length; at += length) yield x.subarray(at, at + length)
  }
  try {
    return await evaluateSae(weights, encoder, chunks())
  } finally {
    await encoder.close()
  }
}

/** Trains SAEs on one stream as a job does, and measures each on x. */
async function trained(
  workspace: Workspace,
  set: ActivationSet,
  saes: TrainRequest['saes'],
  x: Float32Array,
): Promise<Measures[]> {
  const request = TrainRequest.parse({
    source: { from: 'activations', activationSetId: set.id },
    saes,
    ceEvery: 0,
    backend: 'cpu',
    ...(options.tokens && { tokens: Number(options.tokens) }),
  })
  const run = createRun(workspace, request)
  await trainJob(trainingTools, trainJobParams(run), workspace, control)
  const measures: Measures[] = []
  for (const id of run.saeIds) measures.push(await measure(loadSae(workspace, id).weights, x))
  return measures
}

/** MSE of the line through two SAEs at an L0; log MSE is close to straight in L0. */
function mseAt(l0: number, [a, b]: Measures[]): number {
  const share = (l0 - a.l0) / (b.l0 - a.l0)
  return Math.exp((1 - share) * Math.log(a.mse) + share * Math.log(b.mse))
}

type Spec = TrainRequest['saes'][number]

/** Ours at the width and kind of another: exactly its k, or an L0 a little below and above its own. */
function counterparts({ architecture, dSae, k }: SaeWeights, l0: number): Spec[] {
  if (architecture === 'topk') return [{ architecture, width: dSae, k }]
  return AROUND.map((share) => ({ architecture, width: dSae, targetL0: l0 * share }) as Spec)
}

async function besideShared(workspace: Workspace, set: ActivationSet, x: Float32Array): Promise<void> {
  const folder = join(shared, 'saes/stories260K')
  const theirs: { name: string; weights: SaeWeights; measures: Measures; ours: Spec[] }[] = []
  for (const name of readdirSync(folder)) {
    const { weights } = readSaelensFolder(join(folder, name))
    const measures = await measure(weights, x)
    theirs.push({ name, weights, measures, ours: counterparts(weights, measures.l0) })
  }
  const ours = await trained(workspace, set, theirs.flatMap((one) => one.ours), x) // prettier-ignore
  console.log(`${x.length / set.dIn} held-out tokens, position 0 left out; MSE: sum over d, mean over tokens`)
  row('SAE', 'L0', 'MSE', 'dead', 'our L0', 'our MSE at that L0', 'ratio', 'dead')
  for (const { name, measures, ours: specs } of theirs) {
    const own = ours.splice(0, specs.length)
    const mse = own.length === 1 ? own[0].mse : mseAt(measures.l0, own)
    const dead = Math.max(...own.map((one) => one.dead))
    row(
      ...[name, measures.l0.toFixed(2), measures.mse.toFixed(3), measures.dead],
      ...[own.map(({ l0 }) => l0.toFixed(2)).join(' and '), mse.toFixed(3)],
      ...[(mse / measures.mse).toFixed(3), dead],
    )
  }
}

async function byDefault(workspace: Workspace, set: ActivationSet, x: Float32Array): Promise<void> {
  const kinds = options.kinds.split(',').map((kind) => Architecture.parse(kind))
  const widths = options.widths.split(',').map(Number)
  const specs = widths.flatMap((width) => kinds.map((architecture) => ({ architecture, width }) as Spec))
  const measures = await trained(workspace, set, specs, x)
  console.log(`${x.length / set.dIn} held-out tokens, position 0 left out; MSE: sum over d, mean over tokens`)
  row('kind', 'width', 'L0', 'MSE', 'EV', 'dead')
  for (const [i, { l0, mse, explainedVariance, dead }] of measures.entries())
    row(specs[i].architecture, specs[i].width, l0.toFixed(2), mse.toFixed(3), explainedVariance.toFixed(3), dead) // prettier-ignore
}

const row = (...cells: (string | number)[]): void =>
  console.log(cells.map((cell) => String(cell).padEnd(12)).join(' '))

const folder = options.workspace ?? mkdtempSync(join(tmpdir(), 'suture-quality-'))
const workspace = openWorkspace(folder)
try {
  const set = await activationsIn(workspace)
  const x = heldOut()
  await (options.defaults ? byDefault(workspace, set, x) : besideShared(workspace, set, x))
} finally {
  workspace.close()
  if (!options.workspace) rmSync(folder, { recursive: true, force: true })
}
