import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { CorpusId, ModelId } from '#contract/ids.ts'
import { Perplexity, type Model, type ModelDevice } from '#contract/model.ts'
import {
  addContextOptions,
  contextRequest,
  deviceOption,
  whyElsewhere,
  wholeNumber,
  type ContextFlags,
} from './context-options.ts'
import { idOf } from './jobs.ts'
import type { RunCommand, Session } from './output.ts'

const count = (n: number): string => n.toLocaleString('en')

/** What there is to know about a model, one fact a line. */
function facts(model: Model): string {
  const rows: [string, string][] = [
    ['id', model.id],
    ['name', model.name],
    ['folder', model.folder],
    ['family', model.family],
    ['parameters', `${count(model.parameters)} (${model.weightDtype}, ${count(model.weightBytes)} bytes)`],
    ['blocks', `${model.layers}${model.parallelResidual ? ', attention and MLP in parallel' : ''}`],
    ['d_model', `${model.dModel} (${model.heads} heads)`],
    ['vocabulary', count(model.vocabSize)],
    ['context', `up to ${count(model.contextSize)} tokens`],
    [
      'BOS',
      model.bosId === null ? 'none' : `${model.bosId}${model.prependBos ? ', put before every context' : ''}`,
    ],
    ['tokenizer', model.hasTokenizer ? 'tokenizer.json' : 'none: only token ids made elsewhere can be used'],
    ['centred', model.centerWritingWeights ? 'yes (center_writing_weights)' : 'no'],
    ['hook points', `${model.hookPoints.length}, listed by: suture models hooks ${model.id}`],
  ]
  return rows.map(([what, value]) => `${what.padEnd(12)} ${value}`).join('\n')
}

const hooks = (model: Model): string =>
  model.hookPoints.map(({ name, width }) => `${name.padEnd(32)} ${width}`).join('\n')

interface AddOptions {
  name?: string
  centerWritingWeights?: boolean
}

/** A folder, or else a model on the hub, which is downloaded first. */
async function add({ client, follow }: Session, source: string, options: AddOptions): Promise<Model> {
  const isHubId = !existsSync(source) && /^[\w-][\w.-]*\/[\w.-]+(@[\w.-]+)?$/.test(source)
  if (!isHubId) return client.models.add({ folder: source, ...options })
  const { job, id } = await client.models.download({ hubId: source, ...options })
  await follow(job)
  return client.models.get({ id })
}

function registerAdd(models: Command, run: RunCommand): void {
  models
    .command('add <source>')
    .description(
      'check a Hugging Face model folder and add it (its weights stay where they are), or download org/name[@revision] into the Hugging Face cache',
    )
    .option('--name <name>', "what to call it (default: the folder's or the repository's name)")
    .option(
      '--center-writing-weights',
      'activations of the residual stream without their mean, as TransformerLens gives them by default',
    )
    .action((source: string, options: AddOptions, command: Command) =>
      run(command, async (session) => {
        const model = await add(session, source, options)
        session.print(model, () => facts(model))
      }),
    )
}

const perplexityLines = (p: Perplexity): string =>
  [
    `next-token loss  ${p.loss.toFixed(5)} nats, mean of ${count(p.predictions)} predictions`,
    `perplexity       ${p.perplexity.toPrecision(6)}`,
    `tokens           ${count(p.tokens)} in rows of ${p.contextSize}${p.prependBos ? ', each beginning with BOS' : ''}`,
  ].join('\n')

interface PerplexityOptions extends ContextFlags {
  corpus: string
  tokens: number
  device: ModelDevice
}

function registerPerplexity(models: Command, run: RunCommand): void {
  const command = models
    .command('perplexity <id>')
    .description('next-token loss and perplexity over a corpus')
    .requiredOption('--corpus <id>', 'the text, or rows of token ids')
    .option('--tokens <n>', 'how many, rounded up to whole rows', wholeNumber, 16_384)
    .addOption(deviceOption())
  addContextOptions(command).action((id: string, options: PerplexityOptions, self: Command) =>
    run(self, async ({ client, print, follow }) => {
      const { job } = await client.models.perplexity({
        id: idOf(ModelId, id, 'model'),
        corpusId: idOf(CorpusId, options.corpus, 'corpus'),
        tokens: options.tokens,
        device: options.device,
        ...contextRequest(options),
      })
      const { result } = await follow(job)
      const measured = Perplexity.parse(result)
      print(measured, () => [perplexityLines(measured), ...whyElsewhere(options.device, measured)].join('\n'))
    }),
  )
}

export function registerModels(program: Command, run: RunCommand): void {
  const models = program.command('models').description('language models')
  registerAdd(models, run)
  registerPerplexity(models, run)

  models
    .command('list')
    .description('the models of this workspace')
    .action((_options, command: Command) =>
      run(command, async ({ client, print }) => {
        const list = await client.models.list({})
        const line = (m: Model): string =>
          `${m.id}  ${m.family.padEnd(9)} ${`${m.layers} × ${m.dModel}`.padEnd(10)} ${m.name}`
        print(list, () =>
          list.length === 0
            ? 'No models. Begin with: suture models add <folder or org/name>'
            : list.map(line).join('\n'),
        )
      }),
    )

  models
    .command('inspect <id>')
    .description('everything that is known about a model')
    .action((id: string, _options, command: Command) =>
      run(command, async ({ client, print }) => {
        const model = await client.models.get({ id: idOf(ModelId, id, 'model') })
        print(model, () => facts(model))
      }),
    )

  models
    .command('hooks <id> [name]')
    .description('the hook points of a model, or the one that a name means (layers.3, hidden_states[3], …)')
    .action((id: string, name: string | undefined, _options, command: Command) =>
      run(command, async ({ client, print }) => {
        const which = idOf(ModelId, id, 'model')
        if (name === undefined) {
          const model = await client.models.get({ id: which })
          print(model.hookPoints, () => hooks(model))
        } else {
          const point = await client.models.hookPoint({ id: which, name })
          print(point, `${name} is ${point.name}, width ${point.width}`)
        }
      }),
    )
}
