import type { Command } from 'commander'
import { spanningForest, swapComponents } from '#contract/swap-graph.ts'
import { ActivationSetId, SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import type { StitchEdit } from '#contract/stitch.ts'
import type { EngineClient } from '#contract/index.ts'
import { featureNumbers } from './feature-numbers.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand, Session } from './output.ts'
import { stitchLines, stitchReport } from './stitch-report.ts'

export interface PairOptions {
  base: string
  from: string
  activations: string
  tokens: string
  allPositions?: boolean
}
interface StitchOptions extends PairOptions {
  add: string
  remove: string
  swap?: string
  threshold: string
  save?: string
}

/** The options that every command on a pair of SAEs has. */
export const withPair = (command: Command): Command =>
  command
    .requiredOption('--base <sae>', 'the host, whose b_dec stays')
    .requiredOption('--from <sae>', 'the donor')
    .requiredOption('--activations <set>', 'tokens to measure on')
    .option('--tokens <n>', 'measure at most so many tokens', '100000')
    .option('--all-positions', 'count position 0 of every row too (left out unless said)')

/** The max cosine of every feature of the donor in the base, and the edges between the two. */
async function similarity({ client, follow }: Session, base: SaeId, donor: SaeId, floor: number) {
  const { job, id } = await client.compare.create({ aId: base, bId: donor, floor })
  if (job) await follow(job)
  const { cosine } = await client.compare.arrays({ id })
  if (!cosine) throw problem('mismatch', id, 'the directions of these two cannot be compared')
  const { k, value } = cosine.bToA
  return {
    maxCosine: Float32Array.from({ length: value.length / k }, (_, j) => value[j * k]),
    edges: cosine.edges,
  }
}
export type Similarity = Awaited<ReturnType<typeof similarity>>

/** A stitch of the two on these tokens, prepared: one that is there, or a new one. */
export async function preparedStitch(session: Session, options: PairOptions) {
  const { client, follow } = session
  const baseId = idOf(SaeId, options.base, 'SAE')
  const donorId = idOf(SaeId, options.from, 'SAE')
  const { id, job } = await client.stitch.create({
    baseId,
    donorId,
    evaluation: {
      activationSetId: idOf(ActivationSetId, options.activations, 'activation set'),
      tokens: numberOf(options.tokens, '--tokens', { from: 1, whole: true }),
      skipPosition0: !options.allPositions,
    },
  })
  if (job) await follow(job)
  else await client.stitch.goTo({ id, point: 0 }) // what was done before stays, as a branch
  return client.stitch.get({ id })
}
export type PreparedStitch = Awaited<ReturnType<EngineClient['stitch']['get']>>

/** Base and donor features of every component above the threshold. */
function componentMembers(similar: Similarity, stitch: PreparedStitch, threshold: number) {
  const { baseCount, donorCount } = stitch
  const forest = spanningForest(similar.edges, baseCount, donorCount)
  const { aFeature, bFeature } = swapComponents(forest, baseCount, donorCount, threshold)
  return { remove: aFeature, add: bFeature }
}

/** What was asked for in words, as features. */
function editOf(
  options: StitchOptions,
  stitch: PreparedStitch,
  similar: Similarity,
  threshold: number,
): StitchEdit {
  if (options.swap !== undefined && options.swap !== 'components')
    throw problem('bad-input', '--swap', `"components" is expected, not "${options.swap}"`)
  const swapped =
    options.swap === undefined
      ? { add: new Int32Array(0), remove: new Int32Array(0) }
      : componentMembers(similar, stitch, threshold)
  const novel = (j: number): boolean => similar.maxCosine[j] <= threshold
  const added = featureNumbers(options.add, '--add', stitch.donorCount, { novel })
  const removed = featureNumbers(options.remove, '--remove', stitch.baseCount, {})
  return {
    title: `add ${options.add}${options.swap ? ', swap components' : ''}`,
    base: { add: new Int32Array(0), remove: Int32Array.from([...removed, ...swapped.remove]) },
    donor: { add: Int32Array.from([...added, ...swapped.add]), remove: new Int32Array(0) },
  }
}

export function registerStitch(program: Command, run: RunCommand): void {
  withPair(
    program.command('stitch').description('put features of one SAE into another and measure what changes'),
  )
    .option('--add <features>', 'of the donor: novel, all, none, or numbers such as 1,2,10-20', 'none')
    .option('--remove <features>', 'of the base: all, none, or numbers', 'none')
    .option('--swap <what>', 'components: replace the base members of every component by the donor members')
    .option('--threshold <cosine>', 'novel: max cosine at most this; components: above it', '0.7')
    .option('--save <name>', 'keep the hybrid as an SAE')
    .action((options: StitchOptions, command: Command) =>
      run(command, async (session) => {
        const { client, print } = session
        const threshold = numberOf(options.threshold, '--threshold', { from: -1, to: 1 })
        const floor = Math.min(0.5, Math.max(0, threshold))
        const [base, donor] = [idOf(SaeId, options.base, 'SAE'), idOf(SaeId, options.from, 'SAE')]
        const similar = await similarity(session, base, donor, floor)
        const stitch = await preparedStitch(session, options)
        const { id } = stitch
        const edit = editOf(options, stitch, similar, threshold)
        const effects = await client.stitch.effects({ id })
        const change = await client.stitch.apply({ id, edit })
        const saved = options.save === undefined ? null : await client.stitch.save({ id, name: options.save })
        const report = stitchReport({
          stitch,
          similar,
          threshold,
          edit,
          effects,
          change,
          saved: saved?.saeId ?? null,
        })
        print(report, () => stitchLines(report))
      }),
    )
}
