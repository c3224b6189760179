import type { Command } from 'commander'
import { ActivationSetId, CorpusId, ModelId, type SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import type { SaeMetrics } from '#contract/sae.ts'
import type { TrainRequest } from '#contract/training.ts'
import { idOf } from './jobs.ts'
import type { RunCommand } from './output.ts'
import { numberOf, sweep, type SweepOptions } from './sweep.ts'

interface TrainOptions extends SweepOptions {
  activations?: string
  model?: string
  corpus?: string
  hook?: string
  context?: string
  bos?: boolean
  shuffle?: boolean
  tokens?: string
  steps?: string
  batch?: string
  warmup?: string
  decay?: string
  l1Warmup?: string
  normalize?: string
  center?: string
  position0?: boolean
  beta1?: string
  beta2?: string
  clip?: string
  deadAfter?: string
  pointEvery?: string
  ceEvery?: string
  checkpointEvery?: string
  backend?: string
  name?: string
}

function sourceOf(options: TrainOptions): TrainRequest['source'] {
  const { activations, model, corpus, hook } = options
  if (activations && (model || corpus || hook))
    throw problem(
      'bad-input',
      'source',
      'both --activations and a model were given',
      'Give --activations, or --model with --corpus and --hook.',
    )
  if (activations)
    return {
      from: 'activations',
      activationSetId: idOf(ActivationSetId, activations, 'activation set'),
    }
  if (!model || !corpus || !hook)
    throw problem(
      'bad-input',
      'source',
      'there is nothing to train on',
      'Give --activations <id>, or --model, --corpus and --hook.',
    )
  return {
    from: 'model',
    modelId: idOf(ModelId, model, 'model'),
    corpusId: idOf(CorpusId, corpus, 'corpus'),
    hookName: hook,
    contextSize: numberOf('--context', options.context),
    prependBos: options.bos,
    shuffle: options.shuffle,
  }
}

/** Leaves out what was not given, so that the engine's defaults hold. */
const given = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T

function requestOf(options: TrainOptions): TrainRequest {
  const beta1 = numberOf('--beta1', options.beta1)
  const beta2 = numberOf('--beta2', options.beta2)
  return given({
    source: given(sourceOf(options)),
    saes: sweep(options),
    tokens: numberOf('--tokens', options.tokens),
    steps: numberOf('--steps', options.steps),
    batchTokens: numberOf('--batch', options.batch),
    learningRateWarmUp: numberOf('--warmup', options.warmup),
    learningRateDecay: numberOf('--decay', options.decay),
    sparsityWarmUp: numberOf('--l1-warmup', options.l1Warmup),
    normalisation: options.normalize as TrainRequest['normalisation'],
    centre: options.center as TrainRequest['centre'],
    skipPosition0: options.position0 ? false : undefined,
    adam: given({ beta1, beta2 }),
    clipNorm: numberOf('--clip', options.clip),
    seed: numberOf('--seed', options.seed?.[0]?.split(',')[0]),
    deadAfter: numberOf('--dead-after', options.deadAfter),
    pointEvery: numberOf('--point-every', options.pointEvery),
    ceEvery: numberOf('--ce-every', options.ceEvery),
    checkpointEvery: numberOf('--checkpoint-every', options.checkpointEvery),
    backend: options.backend as TrainRequest['backend'],
    name: options.name,
  })
}

const digits = (value: number): string => Number(value.toPrecision(4)).toString()

function line(id: SaeId, metrics: SaeMetrics | null): string {
  if (!metrics) return `${id}  not measured`
  const { mse, l0, explainedVariance, dead, tokens, skippedPosition0 } = metrics
  return (
    `${id}  MSE ${digits(mse)} (sum over d, mean over tokens)  explained variance ${digits(explainedVariance)}  ` +
    `L0 ${digits(l0)}  dead ${dead}  on ${tokens.toLocaleString('en')} tokens, position 0 ${skippedPosition0 ? 'left out' : 'counted'}`
  )
}

const LIST = 'one or several, separated by commas; every combination is trained'
const collect = (value: string, before: string[] = []): string[] => [...before, value]

function withSourceOptions(train: Command): Command {
  return train
    .option('--activations <id>', 'activation set to train on')
    .option('--model <id>', 'train straight from a model, nothing kept on disk …')
    .option('--corpus <id>', '… on this corpus …')
    .option('--hook <name>', '… at this hook point, such as blocks.2.hook_resid_pre')
    .option('--context <n>', 'tokens per row (with --model)')
    .option('--bos', 'rows begin with BOS (with --model; default: as the model says)')
    .option('--no-bos', 'rows do not begin with BOS')
    .option('--shuffle', 'rows in a random order (with --model)')
}

function withSaeOptions(train: Command): Command {
  return train
    .option(
      '--kind <kind,…>',
      `tied, standard, topk, batchtopk, jumprelu, gated, matryoshka: ${LIST}`,
      collect,
    )
    .option('--width <n,…>', `number of features (d_sae): ${LIST}`, collect)
    .option('--k <n,…>', `features kept per token (topk, batchtopk, matryoshka): ${LIST}`, collect)
    .option('--l1 <λ,…>', `weight of the sparsity term (L0 term for jumprelu): ${LIST}`, collect)
    .option('--target-l0 <n,…>', `move λ until so many features fire per token: ${LIST}`, collect)
    .option('--lr <rate,…>', `learning rate: ${LIST}`, collect)
    .option('--seed <n,…>', `random start (the first also orders the tokens): ${LIST}`, collect)
    .option('--decoder-norm <free|unit>', 'decoder rows of any norm, or kept at 1')
    .option('--aux-k <n>', 'dead features that reconstruct the residual, per token (topk family)')
    .option('--aux-weight <α>', 'weight of that (topk family)')
    .option('--no-resample', 'leave dead features dead (standard)')
    .option('--bandwidth <ε>', 'of the straight-through estimator (jumprelu)')
    .option('--threshold-rate <r>', 'how fast the threshold at inference follows (batchtopk, matryoshka)')
    .option('--nested <n,…>', 'widths of the nested dictionaries, the last being the whole (matryoshka)')
    .option('--cosine <weight>', 'penalty on the squared cosine of decoder rows that fire together')
}

function withRunOptions(train: Command): Command {
  return train
    .option('--tokens <n>', 'how long to train (default: several passes over a small set, one over a large)')
    .option('--steps <n>', '… or in steps')
    .option('--batch <n>', 'tokens in a batch (default: 256 to 4096, by the number of tokens)')
    .option('--warmup <n>', 'learning rate warm-up in steps, or below 1 as a share of the run (default 0.05)')
    .option('--decay <n>', 'learning rate decay at the end, likewise (default 0.2)')
    .option('--l1-warmup <n>', 'sparsity warm-up, likewise (default 0.05)')
    .option(
      '--normalize <how>',
      'none, expected_average_only_in (default; folded on save), constant_norm_rescale, layer_norm',
    )
    .option('--center <how>', 'where b_dec starts: geometric_median (default), mean, zero')
    .option('--position-0', 'position 0 of every row counts too (default: left out of training and numbers)')
    .option('--beta1 <β>', "Adam's (default 0.9)")
    .option('--beta2 <β>', "Adam's (default 0.999)")
    .option('--clip <norm>', 'clip the gradient to this norm')
    .option('--dead-after <tokens>', 'a feature silent for so long is dead')
    .option('--point-every <steps>', 'between points of the curve')
    .option('--ce-every <steps>', 'between measures of CE recovered; 0 for none')
    .option('--checkpoint-every <steps>', 'between checkpoints')
    .option('--backend <name>', 'cpu')
    .option('--name <name>', 'what to call it')
}

export function registerTrain(program: Command, run: RunCommand): void {
  const train = program
    .command('train')
    .description('train one or several SAEs on the same activations')
    .action((options: TrainOptions, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const started = await client.training.start(requestOf(options))
        const { result } = await follow(started.job)
        const list = await Promise.all(
          started.ids.map((id) =>
            client.training
              .run({ id: started.run })
              .then(({ saes }) => line(id, saes.find((sae) => sae.saeId === id)?.metrics ?? null)),
          ),
        )
        print({ job: started.job, ...result }, () => list.join('\n'))
      }),
    )
  withRunOptions(withSaeOptions(withSourceOptions(train)))
}
