import type { Command } from 'commander'
import { SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { indexOf } from './feature-index.ts'
import { flatExample, pageLines } from './feature-lines.ts'
import { featureRows, listLines, SORTS, sortRows, type Sort } from './feature-list.ts'
import { idOf } from './jobs.ts'
import { registerQuestions } from './feature-questions.ts'
import { registerLabels } from './labels.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand } from './output.ts'

interface OfSae {
  sae: string
  index?: string
}
interface OfFeature extends OfSae {
  feature: string
}
interface ListOptions extends OfSae {
  sort: string
  ascending?: boolean
  limit: string
  minDensity: string
  maxDensity: string
  labelled?: boolean
}
interface ShowOptions extends OfFeature {
  top: string
  before: string
  after: string
  onePerRow?: boolean
}

const whole = (text: string, option: string, from = 0): number =>
  numberOf(text, option, { from, whole: true })
const saeOf = (text: string): SaeId => idOf(SaeId, text, 'SAE')

export function registerFeatures(program: Command, run: RunCommand): void {
  const features = program.command('features').description('the features of an SAE: browse, search, label')
  registerList(features, run)
  registerShow(features, run)
  registerQuestions(features, run)
  registerLabels(features, run)
}

function registerList(features: Command, run: RunCommand): void {
  features
    .command('list')
    .description('features with their statistics')
    .requiredOption('--sae <id>', 'the SAE')
    .option('--index <id>', 'one of its indexes (the newest unless said)')
    .option('--sort <column>', Object.keys(SORTS).join(' | '), 'density')
    .option('--ascending', 'smallest first')
    .option('--limit <n>', 'rows', '50')
    .option('--min-density <share>', 'from this density, 0 … 1', '0')
    .option('--max-density <share>', 'up to this density, 0 … 1', '1')
    .option('--labelled', 'only those that someone said something of')
    .action((options: ListOptions, command: Command) =>
      run(command, async ({ client, print }) => {
        if (!Object.hasOwn(SORTS, options.sort))
          throw problem(
            'bad-input',
            '--sort',
            `"${options.sort}" is no column`,
            `Choose ${Object.keys(SORTS).join(', ')}.`,
          )
        const saeId = saeOf(options.sae)
        const table = await client.features.table({
          indexId: (await indexOf(client, saeId, options.index)).id,
        })
        const labels = await client.labels.list({ saeId })
        const from = numberOf(options.minDensity, '--min-density', { from: 0, to: 1 })
        const to = numberOf(options.maxDensity, '--max-density', { from: 0, to: 1 })
        const said = new Set(labels.map((label) => label.feature))
        const wanted = featureRows(table, labels).filter(
          (row) => row.density >= from && row.density <= to && (!options.labelled || said.has(row.feature)),
        )
        const sorted = sortRows(wanted, options.sort as Sort, options.ascending ?? false)
        const rows = sorted.slice(0, whole(options.limit, '--limit'))
        const { id, tokens, countedTokens, settings, dSae } = table.index
        print(
          {
            sae: saeId,
            index: id,
            tokens,
            countedTokens,
            settings,
            dSae,
            matching: wanted.length,
            features: rows,
          },
          () =>
            [
              listLines(rows),
              '',
              `${wanted.length} of ${dSae} features, over ${countedTokens} tokens (${id})`,
            ].join('\n'),
        )
      }),
    )
}

function registerShow(features: Command, run: RunCommand): void {
  features
    .command('show')
    .description('one feature: statistics, top examples, examples of ten activation intervals, histogram')
    .requiredOption('--sae <id>', 'the SAE')
    .requiredOption('--feature <n>', 'its number')
    .option('--index <id>', 'one of the SAE’s indexes (the newest unless said)')
    .option('--top <n>', 'top examples', '20')
    .option('--before <n>', 'tokens shown before', '16')
    .option('--after <n>', 'tokens shown after', '10')
    .option('--one-per-row', 'at most one top example from each row')
    .action((options: ShowOptions, command: Command) =>
      run(command, async ({ client, print }) => {
        const saeId = saeOf(options.sae)
        const feature = whole(options.feature, '--feature')
        const index = await indexOf(client, saeId, options.index)
        const page = await client.features.page({
          indexId: index.id,
          feature,
          top: whole(options.top, '--top'),
          before: whole(options.before, '--before'),
          after: whole(options.after, '--after'),
          onePerRow: options.onePerRow ?? false,
        })
        const label = (await client.labels.list({ saeId })).find((l) => l.feature === feature)
        const top = page.top.map(flatExample)
        const intervals = page.intervals.map((i) => ({ ...i, examples: i.examples.map(flatExample) }))
        print(
          {
            sae: saeId,
            index: index.id,
            settings: index.settings,
            ...page,
            top,
            intervals,
            label: label ?? null,
          },
          () => pageLines(page, label),
        )
      }),
    )
}
