// A small workspace in memory, the same at every run.
import { ActivationSet } from '#contract/activation-set.ts'
import { Corpus, type TokenPreview } from '#contract/corpus.ts'
import { Job } from '#contract/job.ts'
import { Model, type HookPoint } from '#contract/model.ts'
import { Sae, SaeFindings } from '#contract/sae.ts'
import { RunSummary, type CurvePoint } from '#contract/training.ts'
import type { ThingSummary } from '#contract/workspace.ts'

export interface FakeWorkspace {
  models: Model[]
  corpora: Corpus[]
  activations: ActivationSet[]
  saes: Sae[]
  jobs: Job[]
  runs: RunSummary[]
  curves: Record<string, CurvePoint[]>
  disk: Record<string, number>
  preview: TokenPreview[]
  findings: SaeFindings
  folders: Record<string, { name: string; folder: boolean; bytes: number }[]>
  dependents: Record<string, ThingSummary[]>
}

const made = (madeBy: string, from: string[] = []) => ({
  createdAt: '2026-03-12T09:24:00.000Z',
  provenance: { madeBy, from, parameters: {}, version: '0.1.0' },
})

const WIDE = ['attn.hook_z', 'hook_attn_out', 'hook_mlp_out']
function hookPoints(layers: number, width: number, hidden: number): HookPoint[] {
  const block = (layer: number): HookPoint[] =>
    [
      'hook_resid_pre',
      ...WIDE.slice(0, 2),
      'hook_resid_mid',
      'mlp.hook_post',
      WIDE[2],
      'hook_resid_post',
    ].map((name) => ({
      name: `blocks.${layer}.${name}`,
      layer,
      width: name === 'mlp.hook_post' ? hidden : width,
    }))
  const embed: HookPoint = { name: 'hook_embed', layer: null, width }
  return [embed, ...Array.from({ length: layers }, (_, layer) => block(layer)).flat()]
}

function model(id: string, name: string, layers: number, dModel: number, parameters: number): Model {
  return Model.parse({
    id,
    name,
    ...made('models add'),
    folder: `/home/ada/models/${name}`,
    family: layers > 6 ? 'gpt2' : 'llama',
    dModel,
    layers,
    heads: dModel / 8,
    vocabSize: layers > 6 ? 50257 : 512,
    contextSize: 512,
    parallelResidual: false,
    parameters,
    weightBytes: parameters * 4,
    weightDtype: 'F32',
    hookPoints: hookPoints(layers, dModel, 4 * dModel),
    bosId: 1,
    prependBos: true,
    hasTokenizer: true,
  })
}

/** A number in [0, 1) from a whole number: noise that is the same at every run. */
export const noise = (n: number): number => {
  const x = Math.sin(n * 12.9898 + 4.1414) * 43758.5453
  return x - Math.floor(x)
}

/** A training curve that looks like one: everything falls towards a floor that depends on width and k. */
export function fakeCurve(width: number, k: number, points = 120): CurvePoint[] {
  return Array.from({ length: points }, (_, i) => {
    const progress = 1 - Math.exp(-i / (points / 5))
    const floor = 9 / Math.sqrt(k) / Math.log2(width)
    const mse = 14 * (1 - progress) + floor + 0.15 * noise(i + width)
    return {
      step: i * 50,
      tokens: i * 50 * 1024,
      loss: mse * 1.06,
      reconstruction: mse,
      sparsity: 0,
      aux: mse * 0.06,
      cosine: 0,
      mse,
      l0: k,
      explainedVariance: 1 - mse / 15,
      dead: Math.round(width * 0.12 * progress * (1 + 0.1 * noise(i))),
      resampled: 0,
      learningRate: 4e-4,
      sparsityWeight: null,
      gradientNorm: 0.4,
      ceRecovered: i % 40 === 0 ? 0.6 + 0.35 * progress : null,
      density:
        i % 30 === 29
          ? {
              tokens: 50_000,
              from: -5,
              binWidth: 0.25,
              counts: Array.from({ length: 20 }, (_, b) =>
                Math.round(width * 0.09 * Math.exp(-((b - 11) ** 2) / 18)),
              ),
              silent: 12,
            }
          : null,
      tokensPerSecond: 61_000 + 4000 * noise(i),
    }
  })
}

function sae(id: string, name: string, dSae: number, k: number): Sae {
  const mse = 9 / Math.sqrt(k) / Math.log2(dSae)
  return Sae.parse({
    id,
    name,
    ...made('train', ['a-resid2aa']),
    architecture: 'topk',
    dIn: 64,
    dSae,
    k,
    hookName: 'blocks.2.hook_resid_pre',
    modelId: 'm-stories1',
    modelName: 'stories260K',
    activationSetId: 'a-resid2aa',
    runId: 'r-sweep111',
    assumptions: [],
    metrics: {
      mse,
      l0: k,
      explainedVariance: 1 - mse / 15,
      dead: Math.round(dSae * 0.04),
      tokens: 100_000,
      skippedPosition0: true,
      activationSetId: 'a-resid2aa',
    },
    complete: true,
  })
}

const job = (
  id: string,
  kind: Job['kind'],
  title: string,
  state: Job['state'],
  rest: Record<string, unknown> = {},
): Job =>
  Job.parse({
    id,
    kind,
    title,
    state,
    makes: null,
    params: {},
    progress: null,
    result: null,
    problem: null,
    createdAt: '2026-03-12T09:30:00.000Z',
    startedAt: '2026-03-12T09:30:01.000Z',
    endedAt: null,
    ...rest,
  })

const STORY =
  'Once upon a time , there was a little girl named Lily . She loved to play with her toys in the park .'

function sweep(saes: Sae[], curves: Record<string, CurvePoint[]>): RunSummary {
  return RunSummary.parse({
    run: {
      id: 'r-sweep111',
      name: 'widths × k',
      ...made('train', ['a-resid2aa']),
      saeIds: saes.map(({ id }) => id),
      hookName: 'blocks.2.hook_resid_pre',
      dIn: 64,
      settings: {
        source: { from: 'activations', activationSetId: 'a-resid2aa' },
        saes: saes.map(({ dSae, k }) => ({
          architecture: 'topk',
          width: dSae,
          k,
          seed: 0,
          learningRate: 4e-4,
          cosine: 0,
          decoderNorm: 'free',
          auxK: 32,
          auxWeight: 1 / 32,
        })),
        tokens: 6_144_000,
        steps: 6000,
        batchTokens: 1024,
        learningRateWarmUp: 300,
        learningRateDecay: 1200,
        sparsityWarmUp: 300,
        adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
        clipNorm: null,
        normalisation: 'expected_average_only_in',
        centre: 'geometric_median',
        skipPosition0: true,
        seed: 0,
        deadAfter: 1_000_000,
        pointEvery: 50,
        ceEvery: 2000,
        checkpointEvery: 1000,
        checkpointSeconds: 30,
        backend: 'cpu',
        threads: 2,
      },
      notes: [],
      complete: false,
    },
    job: { id: 'j-train111', state: 'running' },
    saes: saes.map((one) => ({
      saeId: one.id,
      name: one.name,
      architecture: one.architecture,
      spec: {
        architecture: 'topk',
        width: one.dSae,
        k: one.k,
        seed: 0,
        learningRate: 4e-4,
        cosine: 0,
        decoderNorm: 'free',
        auxK: 32,
        auxWeight: 1 / 32,
      },
      point: curves[one.id]?.at(-1) ?? null,
      metrics: null,
    })),
  })
}

/** Two models, two corpora, two activation sets, six SAEs of one sweep, and jobs in several states. */
export function fakeWorkspace(): FakeWorkspace {
  const grid = [256, 512, 1024].flatMap((width) => [16, 32].map((k) => [width, k] as const))
  const saes = grid.map(([width, k], i) => sae(`s-topk000${i}`, `topk ${width} k ${k}`, width, k))
  const curves = Object.fromEntries(saes.map(({ id, dSae, k }) => [id, fakeCurve(dSae, k ?? 16)]))
  const set = (id: string, hookName: string, complete: boolean): ActivationSet =>
    ActivationSet.parse({
      id,
      name: `${hookName} of tinystories`,
      ...made('harvest', ['m-stories1', 'c-tinystor']),
      modelId: 'm-stories1',
      corpusId: 'c-tinystor',
      hookName,
      dIn: 64,
      dtype: 'f32',
      contextSize: 128,
      rows: complete ? 7813 : 0,
      tokens: complete ? 1_000_064 : 0,
      prependBos: true,
      hasTokens: true,
      bytes: 256_016_384,
      complete,
    })
  return {
    models: [
      model('m-stories1', 'stories260K', 5, 64, 260_032),
      model('m-gpt2wiki', 'gpt2-wiki', 12, 768, 124_439_808),
    ],
    corpora: [
      corpus('c-tinystor', 'tinystories', 'text', 19_300_000),
      corpus('c-wikipara', 'wikipedia paragraphs', 'parquet', 412_000_000),
    ],
    activations: [
      set('a-resid2aa', 'blocks.2.hook_resid_pre', true),
      set('a-mlpout3a', 'blocks.3.hook_mlp_out', false),
    ],
    saes,
    jobs: [
      job('j-train111', 'train', 'Train 6 SAEs on blocks.2.hook_resid_pre', 'running', {
        makes: 'r-sweep111',
        progress: {
          doing: 'training',
          done: 3_100_000,
          total: 6_144_000,
          unit: 'tokens',
          perSecond: 61_300,
          secondsLeft: 49,
        },
      }),
      job('j-harvest1', 'harvest', 'Harvest blocks.3.hook_mlp_out from tinystories', 'paused', {
        makes: 'a-mlpout3a',
        progress: {
          doing: 'paused',
          done: 400_000,
          total: 1_000_064,
          unit: 'tokens',
          perSecond: null,
          secondsLeft: null,
        },
      }),
      job('j-harvest0', 'harvest', 'Harvest blocks.2.hook_resid_pre from tinystories', 'done', {
        makes: 'a-resid2aa',
        startedAt: '2026-03-12T09:20:00.000Z',
        endedAt: '2026-03-12T09:22:06.000Z',
      }),
      job('j-import11', 'import-sae', 'Import gemma-scope-2b', 'failed', {
        problem: {
          code: 'bad-file',
          subject: '/home/ada/saes/gemma/params.npz',
          message: 'tensor W_dec has 16,384 rows, 16,383 expected',
          next: 'Download the file again.',
        },
      }),
    ],
    runs: [sweep(saes, curves)],
    curves,
    disk: {
      'm-stories1': 0,
      'c-tinystor': 0,
      'a-resid2aa': 256_016_384,
      'a-mlpout3a': 102_000_000,
      ...Object.fromEntries(saes.map(({ id, dSae }) => [id, dSae * 64 * 8 + 2048])),
    },
    preview: [0, 1, 2].map((row) => {
      const words = STORY.split(' ').slice(row * 2)
      const tokens = ['<s>', ...words.map((word) => (/^[,.]$/.test(word) ? word : ` ${word}`)), '\n']
      return { ids: tokens.map((_, i) => 100 + i), tokens }
    }),
    folders: {
      '/home/ada': ['models', 'saes', 'text'].map((name) => ({ name, folder: true, bytes: 0 })),
      '/home/ada/models': ['gpt2-wiki', 'stories260K'].map((name) => ({ name, folder: true, bytes: 0 })),
      '/home/ada/text': [
        { name: 'tinystories.txt', folder: false, bytes: 19_300_000 },
        { name: 'wiki.parquet', folder: false, bytes: 412_000_000 },
        { name: 'notes.pdf', folder: false, bytes: 1200 },
      ],
    },
    findings: SaeFindings.parse({
      found: [
        {
          path: '/home/ada/saes/gemma/layer_5',
          name: 'layer_5 width_16k',
          format: 'gemma-scope',
          architecture: 'jumprelu',
          dIn: 2304,
          dSae: 16384,
          tensors: [],
          assumptions: [
            { about: 'architecture', value: 'jumprelu', from: 'file' },
            { about: 'hook', value: 'blocks.5.hook_resid_post', from: 'file' },
            { about: 'b_dec', value: 'not subtracted', from: 'default' },
            { about: 'BOS', value: 'before every row', from: 'guess' },
          ],
          warnings: ['The decoder rows are not of norm 1: activations are in other units than usual.'],
          modelId: null,
        },
      ],
      broken: [],
      unread: [],
      more: false,
    }),
    dependents: {
      'm-stories1': [
        { id: 'a-resid2aa', kind: 'activations', name: 'blocks.2.hook_resid_pre of tinystories' },
      ],
    },
  }
}

function corpus(id: string, name: string, format: Corpus['format'], size: number): Corpus {
  return Corpus.parse({
    id,
    name,
    ...made('corpora add'),
    format,
    files: [{ path: `/home/ada/text/${name}.${format === 'text' ? 'txt' : format}`, bytes: size }],
    field: format === 'parquet' ? 'text' : null,
    bytes: size,
    rows: null,
    contextSize: null,
  })
}

/** Nothing in it yet. */
export const emptyWorkspace = (): FakeWorkspace => ({
  ...fakeWorkspace(),
  models: [],
  corpora: [],
  activations: [],
  saes: [],
  jobs: [],
  runs: [],
  disk: {},
})
