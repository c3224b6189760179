import { Option, type Command } from 'commander'
import { SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { RefitMethod } from '#contract/stitch.ts'
import { evaluationOf, type EvaluationOptions } from './evaluation-options.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand } from './output.ts'

interface Options extends EvaluationOptions {
  saes: string
  threshold: string
  refit: boolean
  refitBy: string
  ridge: string
  iterations: string
  name?: string
}

const line = (
  name: string,
  q: { mse: number; l0: number; explainedVariance: number },
  features: number,
): string =>
  `${name.padEnd(28)} features ${String(features).padStart(7)}  MSE ${q.mse.toFixed(6)}  L0 ${q.l0.toFixed(3)}  EV ${q.explainedVariance.toFixed(5)}`

export function registerFrankenstein(program: Command, run: RunCommand): void {
  program
    .command('frankenstein')
    .description('one SAE of the novel features of several: the smallest, then what each larger one adds')
    .requiredOption('--saes <ids>', 'two or more SAEs, separated by commas')
    .requiredOption('--activations <set>', 'tokens to refit and measure on')
    .option('--threshold <cosines>', 'taken below this max cosine: one for all, or one for each step', '0.7')
    .option('--no-refit', 'leave the decoder as it comes')
    .addOption(
      new Option('--refit-by <method>', 'how the decoder is refitted')
        .choices(RefitMethod.options)
        .default('least-squares'),
    )
    .option('--ridge <epsilon>', 'ridge of least squares', '0.001')
    .option('--iterations <n>', 'at most so many steps of conjugate gradients, or passes of SGD', '50')
    .option('--tokens <n>', 'use at most so many tokens', '100000')
    .option('--all-positions', 'count position 0 of every row too (left out unless said)')
    .option('--name <text>', 'a name for the SAE')
    .action((options: Options, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const evaluation = evaluationOf(options)
        if (!evaluation) throw problem('bad-input', '--activations', 'tokens to refit on are needed')
        const { job, id } = await client.stitch.frankenstein({
          saeIds: options.saes.split(',').map((text) => idOf(SaeId, text.trim(), 'SAE')),
          evaluation,
          thresholds: options.threshold
            .split(',')
            .map((text) => numberOf(text, '--threshold', { from: -1, to: 1 })),
          refit: options.refit,
          refitBy: RefitMethod.parse(options.refitBy),
          ridge: numberOf(options.ridge, '--ridge', { from: 0 }),
          iterations: numberOf(options.iterations, '--iterations', { from: 1, to: 1000, whole: true }),
          ...(options.name !== undefined && { name: options.name }),
        })
        await follow(job)
        const report = await client.stitch.frankensteinReport({ id })
        if (!report) throw problem('internal', id, 'it was made and has no report')
        const features = report.steps.reduce((sum, { taken }) => sum + taken, 0)
        print({ id, features, ...report }, () =>
          [
            `${id}: ${features} features`,
            ...report.steps.map(
              ({ saeId, threshold, taken, features: of }) =>
                `  ${taken} of ${of} from ${saeId}${threshold === null ? '' : ` (max cosine below ${threshold})`}`,
            ),
            line('before the refit', report.before, features),
            ...(report.after ? [line('after the refit', report.after, features)] : []),
            ...report.originals.map(({ saeId, features: of, quality }) => line(saeId, quality, of)),
            'A Frankenstein SAE has a higher L0 than an SAE trained at its size: compare both, not the MSE alone.',
          ].join('\n'),
        )
      }),
    )
}
