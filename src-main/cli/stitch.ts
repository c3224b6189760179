import type { Command } from 'commander'
import { spanningForest, swapComponents } from '#contract/swap-graph.ts'
import { SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import type { Reencoded, Stitch, StitchEdit } from '#contract/stitch.ts'
import { featureNumbers } from './feature-numbers.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand, Session } from './output.ts'
import { preparedStitch, similarity, withPair, type PairOptions, type Similarity } from './stitch-pair.ts'
import { stitchLines, stitchReport } from './stitch-report.ts'

interface StitchOptions extends PairOptions {
  add: string
  remove: string
  swap?: string
  threshold: string
  form: string
  save?: string
}

/** Base and donor features of every component above the threshold. */
function componentMembers({ edges, baseCount, donorCount }: Similarity, threshold: number) {
  const forest = spanningForest(edges, baseCount, donorCount)
  const { aFeature, bFeature } = swapComponents(forest, baseCount, donorCount, threshold)
  return { remove: aFeature, add: bFeature }
}

/** What was asked for in words, as features. */
function editOf(options: StitchOptions, similar: Similarity, threshold: number): StitchEdit {
  if (options.swap !== undefined && options.swap !== 'components')
    throw problem('bad-input', '--swap', `"components" is expected, not "${options.swap}"`)
  const swapped =
    options.swap === undefined
      ? { add: new Int32Array(0), remove: new Int32Array(0) }
      : componentMembers(similar, threshold)
  const novel = (j: number): boolean => similar.maxCosine[j] <= threshold
  const added = featureNumbers(options.add, '--add', similar.donorCount, { novel })
  const removed = featureNumbers(options.remove, '--remove', similar.baseCount, {})
  return {
    title: `add ${options.add}${options.swap ? ', swap components' : ''}`,
    base: { add: new Int32Array(0), remove: Int32Array.from([...removed, ...swapped.remove]) },
    donor: { add: Int32Array.from([...added, ...swapped.add]), remove: new Int32Array(0) },
  }
}

/** For a host that keeps the k largest, the exact numbers; null where the bench's own are exact, or not wanted so. */
async function reencodedWhere(
  { client, follow }: Session,
  { id, baseForm }: Stitch,
  point: number,
  form: string,
): Promise<Reencoded | null> {
  if (form !== 'exact' && form !== 'fixed-threshold')
    throw problem('bad-input', '--form', `exact or fixed-threshold is expected, not "${form}"`)
  if (baseForm?.kind !== 'fixed-threshold' || form === 'fixed-threshold') return null
  await follow((await client.stitch.reencode({ id, point })).job)
  return client.stitch.reencoded({ id })
}

export function registerStitch(program: Command, run: RunCommand): void {
  withPair(
    program.command('stitch').description('put features of one SAE into another and measure what changes'),
  )
    .option('--add <features>', 'of the donor: novel, all, none, or numbers such as 1,2,10-20', 'none')
    .option('--remove <features>', 'of the base: all, none, or numbers', 'none')
    .option('--swap <what>', 'components: replace the base members of every component by the donor members')
    .option('--threshold <cosine>', 'novel: max cosine at most this; components: above it', '0.7')
    .option(
      '--form <form>',
      'a host that keeps the k largest: exact (re-encoded) or fixed-threshold',
      'exact',
    )
    .option('--save <name>', 'keep the hybrid as an SAE')
    .action((options: StitchOptions, command: Command) =>
      run(command, async (session) => {
        const { client, print } = session
        const threshold = numberOf(options.threshold, '--threshold', { from: -1, to: 1 })
        const floor = Math.min(0.5, Math.max(0, threshold))
        const [base, donor] = [idOf(SaeId, options.base, 'SAE'), idOf(SaeId, options.from, 'SAE')]
        const similar = await similarity(session, base, donor, floor)
        const edit = editOf(options, similar, threshold)
        const stitch = await preparedStitch(session, options)
        const { id } = stitch
        const effects = await client.stitch.effects({ id })
        const change = await client.stitch.apply({ id, edit })
        const reencoded = await reencodedWhere(session, stitch, change.point, options.form)
        const keepsLargest = reencoded !== null
        const saved =
          options.save === undefined
            ? null
            : await client.stitch.save({ id, name: options.save, keepsLargest })
        const report = stitchReport({
          stitch,
          similar,
          threshold,
          edit,
          effects,
          change,
          reencoded,
          saved: saved?.saeId ?? null,
        })
        print(report, () => stitchLines(report))
      }),
    )
}
