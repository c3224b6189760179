import type { Command } from 'commander'
import type { EngineClient } from '#contract/index.ts'
import type { FeatureIndex } from '#contract/feature-index.ts'
import { ActivationSetId, IndexId, SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand } from './output.ts'

interface IndexOptions {
  sae?: string
  activations?: string
  tokens?: string
  allPositions?: boolean
  maxNorm?: string
  extend?: string
  name?: string
}

/** The index named, or the newest of the SAE. @throws Problem that says how to make one. */
export async function indexOf(client: EngineClient, saeId: SaeId, named?: string): Promise<FeatureIndex> {
  const indexes = await client.features.indexes({ saeId })
  const wanted = named === undefined ? undefined : idOf(IndexId, named, 'index')
  const found = wanted ? indexes.find((index) => index.id === wanted) : indexes.at(-1)
  if (found) return found
  throw problem(
    'not-found',
    named ?? saeId,
    wanted ? `the SAE ${saeId} has no index of that id` : 'this SAE is not indexed yet',
    `Make one with: suture index --sae ${saeId} --activations <id>`,
  )
}

async function start(
  client: EngineClient,
  options: IndexOptions,
): ReturnType<EngineClient['features']['index']> {
  const tokens =
    options.tokens === undefined ? undefined : numberOf(options.tokens, '--tokens', { from: 1, whole: true })
  const set =
    options.activations === undefined
      ? undefined
      : idOf(ActivationSetId, options.activations, 'activation set')
  if (options.extend !== undefined)
    return client.features.extendIndex({
      id: idOf(IndexId, options.extend, 'index'),
      activationSetId: set,
      tokens,
    })
  if (options.sae === undefined || set === undefined)
    throw problem(
      'bad-input',
      'index',
      '--sae and --activations are needed',
      '"suture list" shows what there is.',
    )
  return client.features.index({
    saeId: idOf(SaeId, options.sae, 'SAE'),
    activationSetId: set,
    tokens,
    settings: {
      skipPosition0: !options.allPositions,
      maxNormMultiple:
        options.maxNorm === undefined ? null : numberOf(options.maxNorm, '--max-norm', { from: 0 }),
    },
    ...(options.name !== undefined && { name: options.name }),
  })
}

export function registerIndex(program: Command, run: RunCommand): void {
  program
    .command('index')
    .description('encode an activation set and keep where each feature fires, to browse features')
    .option('--sae <id>', 'the SAE')
    .option('--activations <id>', 'the activation set')
    .option('--tokens <n>', 'its first n tokens only (more can be added later)')
    .option('--all-positions', 'count position 0 of every row too (left out unless said)')
    .option('--max-norm <multiple>', 'leave tokens out whose norm is above so many times the median norm')
    .option('--extend <index>', 'add tokens to an index: --tokens of its last set, or another --activations')
    .option('--name <text>', 'a name for the index')
    .action((options: IndexOptions, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const { job, id } = await start(client, options)
        const { result } = await follow(job)
        const index = (await client.features.indexes({})).find((i) => i.id === id)!
        print({ ...result, ...index }, () => indexLine(index))
      }),
    )
}

function indexLine(index: FeatureIndex): string {
  const count = (n: number): string => n.toLocaleString('en')
  const each = index.nonZeros > 0 ? ` (${(index.bytes / index.nonZeros).toFixed(2)} bytes each)` : ''
  const leftOut = index.tokens - index.countedTokens
  return [
    `${index.id}  ${index.name}`,
    `${count(index.tokens)} tokens, ${count(leftOut)} of them left out; ${count(index.nonZeros)} non-zero codes${each}`,
  ].join('\n')
}
