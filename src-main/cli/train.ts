import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Packing } from '#contract/corpus.ts'
import { ActivationSetId, CorpusId, ModelId, type SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import type { SaeMetrics } from '#contract/sae.ts'
import { InputNormalisation, TrainingBackend, type TrainRequest } from '#contract/training.ts'
import { wholeNumber } from './context-options.ts'
import { idOf } from './jobs.ts'
import type { RunCommand } from './output.ts'
import { sweep, wholeOf, type SweepOptions } from './sweep.ts'

interface TrainOptions extends SweepOptions {
  activations?: string
  model?: string
  corpus?: string
  hook?: string
  context?: number
  bos?: boolean
  packing?: Packing
  shuffle?: boolean
  tokens?: number
  steps?: number
  batch?: number
  warmup?: number
  decay?: number
  l1Warmup?: number
  normalize?: string
  center?: string
  position0?: boolean
  beta1?: number
  beta2?: number
  clip?: number
  deadAfter?: number
  pointEvery?: number
  ceEvery?: number
  checkpointEvery?: number
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
    contextSize: options.context,
    prependBos: options.bos,
    packing: options.packing,
    shuffle: options.shuffle,
  }
}

/** Leaves out what was not given, so that the engine's defaults hold. */
const given = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T

function requestOf(options: TrainOptions): TrainRequest {
  const { beta1, beta2 } = options
  return given({
    source: given(sourceOf(options)),
    saes: sweep(options),
    tokens: options.tokens,
    steps: options.steps,
    batchTokens: options.batch,
    learningRateWarmUp: options.warmup,
    learningRateDecay: options.decay,
    sparsityWarmUp: options.l1Warmup,
    normalisation: options.normalize as TrainRequest['normalisation'],
    centre: options.center as TrainRequest['centre'],
    skipPosition0: options.position0 ? false : undefined,
    adam: given({ beta1, beta2 }),
    clipNorm: options.clip,
    seed: wholeOf('--seed', options.seed?.[0]?.split(',')[0]),
    deadAfter: options.deadAfter,
    pointEvery: options.pointEvery,
    ceEvery: options.ceEvery,
    checkpointEvery: options.checkpointEvery,
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

/** A number as typed. */
function decimal(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('a number is expected.')
  return value
}
const collect = (value: string, before: string[] = []): string[] => [...before, value]

function withSourceOptions(train: Command): Command {
  return train
    .option('--activations <id>', 'activation set to train on')
    .option('--model <id>', 'train straight from a model, nothing kept on disk …')
    .option('--corpus <id>', '… on this corpus …')
    .option('--hook <name>', '… at this hook point, such as blocks.2.hook_resid_pre')
    .option('--context <n>', 'tokens per row (with --model)', wholeNumber)
    .option('--bos', 'rows begin with BOS (with --model; default: as the model says)')
    .option('--no-bos', 'rows do not begin with BOS')
    .addOption(
      new Option(
        '--packing <how>',
        'documents one after the other, or the beginning of each as one row (with --model)',
      ).choices(['packed', 'document']),
    )
    .option('--shuffle', 'rows in a random order (with --model)')
}

function withSaeOptions(train: Command): Command {
  return train
    .option('--kind <kind,…>', 'tied, standard, topk, batchtopk, jumprelu, gated, matryoshka', collect)
    .option('--width <n,…>', 'number of features (d_sae)', collect)
    .option('--k <n,…>', 'features kept per token (topk, batchtopk, matryoshka)', collect)
    .option('--l1 <λ,…>', 'weight of the sparsity term (L0 term for jumprelu)', collect)
    .option('--target-l0 <n,…>', 'move λ until so many features fire per token', collect)
    .option('--lr <rate,…>', 'learning rate', collect)
    .option('--seed <n,…>', 'random start (the first also orders the tokens)', collect)
    .addOption(
      new Option('--decoder-norm <how>', 'decoder rows of any norm, or kept at 1').choices(['free', 'unit']),
    )
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
    .option(
      '--tokens <n>',
      'how long to train (default: several passes over a small set, one over a large)',
      wholeNumber,
    )
    .option('--steps <n>', '… or in steps', wholeNumber)
    .option('--batch <n>', 'tokens in a batch (default: 256 to 4096, by the number of tokens)', wholeNumber)
    .option(
      '--warmup <n>',
      'learning rate warm-up in steps, or below 1 as a share of the run (default 0.05)',
      decimal,
    )
    .option('--decay <n>', 'learning rate decay at the end, likewise (default 0.2)', decimal)
    .option('--l1-warmup <n>', 'sparsity warm-up, likewise (default 0.05)', decimal)
    .addOption(
      new Option(
        '--normalize <how>',
        'how activations are scaled (default: expected_average_only_in, folded on save)',
      ).choices(InputNormalisation.options),
    )
    .addOption(
      new Option('--center <how>', 'where b_dec starts (default: geometric_median)').choices([
        'geometric_median',
        'mean',
        'zero',
      ]),
    )
    .option('--position-0', 'position 0 of every row counts too (default: left out of training and numbers)')
    .option('--beta1 <β>', "Adam's (default 0.9)", decimal)
    .option('--beta2 <β>', "Adam's (default 0.999)", decimal)
    .option('--clip <norm>', 'clip the gradient to this norm', decimal)
    .option('--dead-after <tokens>', 'a feature silent for so long is dead', wholeNumber)
    .option('--point-every <steps>', 'between points of the curve', wholeNumber)
    .option('--ce-every <steps>', 'between measures of CE recovered; 0 for none', wholeNumber)
    .option('--checkpoint-every <steps>', 'between checkpoints', wholeNumber)
    .addOption(
      new Option('--backend <name>', 'where steps are computed (default: the best there is)').choices(
        TrainingBackend.options,
      ),
    )
    .option('--name <name>', 'what to call it')
}

export function registerTrain(program: Command, run: RunCommand): void {
  const train = program
    .command('train')
    .description(
      'train one or several SAEs on the same activations; options of the form <n,…> take lists (8,16), ' +
        'and every combination is trained, all fed by the same batches',
    )
    .action((options: TrainOptions, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const started = await client.training.start(requestOf(options))
        const { result } = await follow(started.job)
        const { saes } = await client.training.run({ id: started.run })
        print({ job: started.job, ...result }, () =>
          saes.map(({ saeId, metrics }) => line(saeId, metrics)).join('\n'),
        )
      }),
    )
  withRunOptions(withSaeOptions(withSourceOptions(train)))
}
