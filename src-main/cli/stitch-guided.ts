import type { Command } from 'commander'
import { SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { PATH_STEP, type StitchEdit, type Walk } from '#contract/stitch.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand, Session } from './output.ts'
import { preparedStitch, similarity, withPair, type PairOptions } from './stitch-pair.ts'

interface PathOptions extends PairOptions {
  threshold: string
  ce?: string
  rows: string
}
interface GreedyOptions extends PairOptions {
  features: string
  l0?: string
  save?: string
}

const KINDS = Object.keys(PATH_STEP) as (keyof typeof PATH_STEP)[]
const at = ({ mse, explainedVariance, l0, features }: Walk, n: number) => ({
  mse: mse[n],
  explainedVariance: explainedVariance[n],
  l0: l0[n],
  features: features[n],
})
const pointLine = (name: string, { mse, l0, features }: ReturnType<typeof at>): string =>
  `${name.padEnd(24)} features ${String(features).padStart(7)}  MSE ${mse.toFixed(6)}  L0 ${l0.toFixed(3)}`

async function pair(session: Session, options: PairOptions, threshold: number) {
  const floor = Math.min(0.5, Math.max(0, threshold))
  const [base, donor] = [idOf(SaeId, options.base, 'SAE'), idOf(SaeId, options.from, 'SAE')]
  const { comparisonId } = await similarity(session, base, donor, floor)
  return { stitch: await preparedStitch(session, options), comparisonId }
}

function registerPath(program: Command, run: RunCommand): void {
  withPair(
    program
      .command('stitch-path')
      .description('from one SAE to a wider one: add the novel features, then swap the components'),
  )
    .option('--threshold <cosine>', 'novel: max cosine at most this', '0.7')
    .option('--ce <n>', 'also the next-token loss at so many points along the path')
    .option('--rows <n>', 'rows of the activation set that the loss is measured on', '32')
    .action((options: PathOptions, command: Command) =>
      run(command, async (session) => {
        const { client, follow, print } = session
        const threshold = numberOf(options.threshold, '--threshold', { from: -1, to: 1 })
        const { stitch, comparisonId } = await pair(session, options, threshold)
        const { id } = stitch
        await follow((await client.stitch.findPath({ id, comparisonId, threshold })).job)
        const path = await client.stitch.path({ id })
        if (!path) throw problem('internal', id, 'the path was found and is not there')
        const last = path.kind.length
        if (options.ce !== undefined) {
          const points = numberOf(options.ce, '--ce', { from: 2, whole: true })
          const steps = Array.from({ length: points }, (_, n) => Math.round((n * last) / (points - 1)))
          const rows = numberOf(options.rows, '--rows', { from: 1, whole: true })
          await follow((await client.stitch.measureLoss({ id, steps: [...new Set(steps)], rows })).job)
        }
        const losses = options.ce === undefined ? null : await client.stitch.losses({ id })
        const steps = Array.from(path.kind, (kind, n) => ({
          step: n + 1,
          kind: KINDS[kind],
          cosine: path.cosine[n],
          changed: path.start[n + 1] - path.start[n],
          ...at(path.walk, n + 1),
        }))
        const novel = path.kind.filter((kind) => kind === PATH_STEP.add).length
        print({ id, threshold, evaluatedOn: stitch.evaluatedOn, base: at(path.walk, 0), steps, losses }, () =>
          [
            pointLine('base', at(path.walk, 0)),
            pointLine(`+ ${novel} novel`, at(path.walk, novel)),
            pointLine(
              'all components swapped',
              at(path.walk, last - +(path.kind.at(-1) === PATH_STEP.remove)),
            ),
            pointLine('the rest removed', at(path.walk, last)),
            ...(losses?.steps ?? []).map(({ step, loss }) => `step ${step}: CE ${loss.toFixed(4)}`),
          ].join('\n'),
        )
      }),
    )
}

function registerGreedy(program: Command, run: RunCommand): void {
  withPair(
    program
      .command('stitch-greedy')
      .description('add the features that lower the error most, one after the other, within a budget'),
  )
    .option('--features <n>', 'at most so many features', '100')
    .option('--l0 <limit>', 'L0 of the hybrid stays at or below this')
    .option('--save <name>', 'keep the hybrid as an SAE')
    .action((options: GreedyOptions, command: Command) =>
      run(command, async (session) => {
        const { client, follow, print } = session
        const features = numberOf(options.features, '--features', { from: 1, whole: true })
        const l0Limit = options.l0 === undefined ? null : numberOf(options.l0, '--l0', { from: 0 })
        const { stitch, comparisonId } = await pair(session, options, 0.7)
        const { id } = stitch
        await follow((await client.stitch.findGreedy({ id, comparisonId, features, l0Limit })).job)
        const found = await client.stitch.greedy({ id })
        if (!found) throw problem('internal', id, 'the order was found and is not there')
        const { picks, walk, byCosine } = found
        let saved: string | null = null
        if (options.save !== undefined) {
          const none = new Int32Array(0)
          const edit: StitchEdit = {
            title: `the ${picks.length} best features`,
            base: { add: none, remove: none },
            donor: { add: picks, remove: none },
          }
          await client.stitch.apply({ id, edit })
          saved = (await client.stitch.save({ id, name: options.save })).saeId
        }
        const order = (features: Int32Array, of: Walk) =>
          Array.from(features, (feature, n) => ({ feature, ...at(of, n + 1) }))
        print(
          {
            id,
            evaluatedOn: stitch.evaluatedOn,
            base: at(walk, 0),
            greedy: order(picks, walk),
            byCosine: order(byCosine.picks, byCosine.walk),
            saved,
          },
          () =>
            [
              pointLine('base', at(walk, 0)),
              pointLine(`${picks.length} best features`, at(walk, picks.length)),
              pointLine(`${picks.length} most novel`, at(byCosine.walk, picks.length)),
              ...(saved ? [`saved as ${saved}`] : []),
            ].join('\n'),
        )
      }),
    )
}

export function registerGuidedStitch(program: Command, run: RunCommand): void {
  registerPath(program, run)
  registerGreedy(program, run)
}
