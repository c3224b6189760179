import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { ManyReport } from '#contract/compare.ts'
import { ActivationSetId, SaeId } from '#contract/ids.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand } from './output.ts'

interface Options {
  saes: string
  activations?: string
  tokens: string
  allPositions?: boolean
  csv?: string
}

const listed = (text: string): string[] => text.split(',').map((part) => part.trim())
const cell = (value: number | null, digits = 3): string => (value === null ? '–' : value.toFixed(digits))

function matrixLines(
  title: string,
  names: readonly string[],
  matrix: readonly (number | null)[][],
): string[] {
  const width = Math.max(8, ...names.map((name) => name.length + 1))
  return [
    title,
    ' '.repeat(width) + names.map((name) => name.padStart(width)).join(''),
    ...matrix.map((row, i) => names[i].padEnd(width) + row.map((v) => cell(v).padStart(width)).join('')),
  ]
}

function manyLines(report: ManyReport): string {
  const names = report.saes.map(({ name }) => name)
  const facts = report.saes.map(({ name, dSae, metrics, randomPearson }) =>
    metrics
      ? `${name}: ${dSae} features, L0 ${cell(metrics.l0, 2)}, MSE ${cell(metrics.mse, 4)}, EV ${cell(metrics.explainedVariance, 4)}, dead ${metrics.dead}, correlation with random directions ${cell(randomPearson)}`
      : `${name}: ${dSae} features`,
  )
  return [
    ...facts,
    ...matrixLines('mean max cosine (features of the row looked for in the column)', names, report.mcs),
    ...matrixLines('… of random directions', names, report.nullLine),
    ...(report.tokens === null
      ? []
      : matrixLines(
          `mean max Pearson on ${report.tokens.toLocaleString('en')} tokens, ${report.skippedPosition0 ? 'position 0 left out' : 'all positions'}`,
          names,
          report.pearson,
        )),
  ].join('\n')
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** One line an ordered pair. */
function manyCsv({ saes, mcs, nullLine, pearson }: ManyReport): string {
  const lines = saes.flatMap((from, i) =>
    saes.map((to, j) =>
      [from.id, quoted(from.name), to.id, quoted(to.name), mcs[i][j], nullLine[i][j], pearson[i][j]]
        .map((value) => value ?? '')
        .join(','),
    ),
  )
  return [
    'from,from_name,in,in_name,mean_max_cosine,random_mean_max_cosine,mean_max_pearson',
    ...lines,
    '',
  ].join('\n')
}

export function registerCompareMany(program: Command, run: RunCommand): void {
  program
    .command('compare-many')
    .description('every pair of a set of SAEs: mean max cosine and correlation, with baselines')
    .requiredOption('--saes <ids>', 'two or more, separated by commas')
    .option(
      '--activations <sets>',
      'one or more over the same tokens: each SAE is run on that of its hook point',
    )
    .option('--tokens <n>', 'measure at most so many tokens', '100000')
    .option('--all-positions', 'count position 0 of every row too (left out unless said)')
    .option('--csv <file>', 'also write the table as CSV')
    .action((options: Options, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const { job } = await client.compare.many({
          saeIds: listed(options.saes).map((id) => idOf(SaeId, id, 'SAE')),
          activationSetIds: (options.activations ? listed(options.activations) : []).map((id) =>
            idOf(ActivationSetId, id, 'activation set'),
          ),
          tokens: numberOf(options.tokens, '--tokens', { from: 1, whole: true }),
          skipPosition0: !options.allPositions,
        })
        await follow(job)
        const report = await client.compare.manyReport({ job })
        if (options.csv !== undefined) writeFileSync(options.csv, manyCsv(report))
        print(report, () => manyLines(report))
      }),
    )
}
