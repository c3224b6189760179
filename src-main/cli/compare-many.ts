import type { Command } from 'commander'
import { ActivationSetId, ReportId, SaeId } from '#contract/ids.ts'
import { byRelation, RELATIONS } from '#contract/pair-relations.ts'
import { measuredOn, MEASURES, pairTable } from '#contract/report-matrix.ts'
import type { ReportNumbers } from '#contract/report.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand, Session } from './output.ts'
import { wantsOutput, withReportOutput, writeReportFiles, type ReportOutput } from './report-output.ts'

interface Options extends ReportOutput {
  saes: string
  baselines?: string
  activations?: string
  tokens: string
  allPositions?: boolean
  name?: string
}

const listed = (text: string | undefined): string[] =>
  text === undefined ? [] : text.split(',').map((part) => part.trim())
const cell = (value: number | null, digits = 3): string => (value === null ? '–' : value.toFixed(digits))

/** A table with its columns by number, so that long names leave room. */
function matrixLines(
  title: string,
  names: readonly string[],
  matrix: readonly (number | null)[][],
): string[] {
  const width = 4 + Math.max(...names.map((name) => name.length))
  const right = (text: string): string => text.padStart(8)
  return [
    title,
    ' '.repeat(width) + names.map((_, j) => right(String(j + 1))).join(''),
    ...matrix.map(
      (row, i) =>
        `${i + 1} `.padStart(4) + names[i].padEnd(width - 4) + row.map((v) => right(cell(v))).join(''),
    ),
  ]
}

function numbersLines(numbers: ReportNumbers): string {
  const names = numbers.saes.map(({ name }) => name)
  const facts = numbers.saes.map(({ name, dSae, metrics, baseline }) => {
    const features = `${name}${baseline ? ' (baseline)' : ''}: ${dSae} features`
    return metrics
      ? `${features}, L0 ${cell(metrics.l0, 2)}, MSE ${cell(metrics.mse, 4)}, EV ${cell(metrics.explainedVariance, 4)}, dead ${metrics.dead}`
      : features
  })
  const matrices = MEASURES.filter(({ measure }) => measure === 'mcs' || numbers.tokens !== null).flatMap(
    ({ measure, name, random }) => [
      ...matrixLines(
        `${name} (features of the row looked for in the column${measure === 'mcs' ? '' : `; ${measuredOn(numbers)}`})`,
        names,
        numbers[measure],
      ),
      ...matrixLines(`… of a ${random.replace(/s$/, '')}`, names, pairTable(numbers, measure, 'random')),
    ],
  )
  const means = byRelation(numbers).map(({ relation, pairs, ...mean }) => {
    const name = RELATIONS.find((one) => one.relation === relation)?.name ?? relation
    return `${name}, ${pairs} ordered pairs: cosine ${cell(mean.mcs)} (random ${cell(mean.mcsRandom)}), correlation ${cell(mean.pearson)} (random ${cell(mean.pearsonRandom)})`
  })
  return [...facts, ...matrices, ...means].join('\n')
}

async function tell({ client, print }: Session, id: ReportId, output: ReportOutput): Promise<void> {
  const numbers = await client.reports.numbers({ id })
  const written = wantsOutput(output) ? writeReportFiles(await client.reports.files({ id }), output) : []
  print({ id, ...numbers, written }, () =>
    [numbersLines(numbers), ...written.map((path) => `Written to ${path}.`), `Kept as ${id}.`].join('\n'),
  )
}

export function registerCompareMany(program: Command, run: RunCommand): void {
  const many = program
    .command('compare-many')
    .description(
      'every pair of a set of SAEs: mean max cosine and correlation, with baselines; kept as a report',
    )
    .requiredOption('--saes <ids>', 'two or more, separated by commas')
    .option('--baselines <ids>', 'those of them that are there to be compared against: another layer')
    .option(
      '--activations <sets>',
      'one or more over the same tokens: each SAE is run on that of its hook point and model',
    )
    .option('--tokens <n>', 'measure at most so many tokens', '100000')
    .option('--all-positions', 'count position 0 of every row too (left out unless said)')
    .option('--name <text>', 'a name for the report')
  withReportOutput(many).action((options: Options, command: Command) =>
    run(command, async (session) => {
      const saesOf = (text: string | undefined): SaeId[] => listed(text).map((id) => idOf(SaeId, id, 'SAE'))
      const { job, id } = await session.client.reports.create({
        saeIds: saesOf(options.saes),
        baselineIds: saesOf(options.baselines),
        activationSetIds: listed(options.activations).map((set) =>
          idOf(ActivationSetId, set, 'activation set'),
        ),
        tokens: numberOf(options.tokens, '--tokens', { from: 1, whole: true }),
        skipPosition0: !options.allPositions,
        ...(options.name !== undefined && { name: options.name }),
      })
      await session.follow(job)
      await tell(session, id, options)
    }),
  )

  const report = program
    .command('universality-report <id>')
    .description('a report that compare-many made: its numbers again, or as a page, figures and tables')
  withReportOutput(report).action((id: string, options: ReportOutput, command: Command) =>
    run(command, (session) => tell(session, idOf(ReportId, id, 'report'), options)),
  )
}
