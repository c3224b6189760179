import type { Command } from 'commander'
import { SaeId } from '#contract/ids.ts'
import { LabelConflict, LabelFileFormat, type FeatureLabel, type LabelChange } from '#contract/label.ts'
import { problem } from '#contract/problem.ts'
import { tableLines } from './feature-lines.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand } from './output.ts'

interface LabelOptions {
  sae: string
  feature: string
  label?: string
  notes?: string
  tag: string[]
  untag: string[]
  star?: boolean
  uninterpretable?: boolean
  confidence?: string
  author?: string
}

const saeOf = (text: string): SaeId => idOf(SaeId, text, 'SAE')
const gathered = (value: string, before: string[]): string[] => [...before, value]

function choiceOf<T extends string>(choices: { options: readonly T[] }, text: string, option: string): T {
  const found = choices.options.find((choice) => choice === text)
  if (found) return found
  throw problem('bad-input', option, `"${text}" is none of ${choices.options.join(', ')}`)
}

function changeOf(options: LabelOptions, before: FeatureLabel | undefined): LabelChange {
  const tags = [...(before?.tags ?? []), ...options.tag].filter((tag) => !options.untag.includes(tag))
  return {
    ...(options.label !== undefined && { label: options.label }),
    ...(options.notes !== undefined && { notes: options.notes }),
    ...((options.tag.length > 0 || options.untag.length > 0) && { tags }),
    ...(options.star !== undefined && { starred: options.star }),
    ...(options.uninterpretable !== undefined && { uninterpretable: options.uninterpretable }),
    ...(options.confidence !== undefined && {
      confidence: numberOf(options.confidence, '--confidence', { from: 0, to: 1 }),
    }),
  }
}

const labelLine = (l: FeatureLabel): string =>
  [
    `feature ${l.feature}`,
    l.starred ? '★' : '',
    l.uninterpretable ? '(uninterpretable)' : '',
    l.label,
    ...l.tags.map((t) => `[${t}]`),
  ]
    .filter(Boolean)
    .join('  ')

export function registerLabels(features: Command, run: RunCommand): void {
  features
    .command('label')
    .description('say what a feature means; nothing that was said before is lost')
    .requiredOption('--sae <id>', 'the SAE')
    .requiredOption('--feature <n>', 'its number')
    .option('--label <text>', 'the label')
    .option('--notes <text>', 'notes')
    .option('--tag <tag>', 'add a tag (may be repeated)', gathered, [])
    .option('--untag <tag>', 'take a tag away (may be repeated)', gathered, [])
    .option('--star', 'star it')
    .option('--no-star', 'take its star away')
    .option('--uninterpretable', 'looked at, no meaning found')
    .option('--no-uninterpretable', 'take that mark away')
    .option('--confidence <share>', 'how sure, 0 … 1')
    .option('--author <name>', 'who says so (the account’s name unless said)')
    .action((options: LabelOptions, command: Command) =>
      run(command, async ({ client, print }) => {
        const saeId = saeOf(options.sae)
        const feature = numberOf(options.feature, '--feature', { from: 0, whole: true })
        const before = (await client.labels.list({ saeId })).find((l) => l.feature === feature)
        const change = changeOf(options, before)
        if (Object.keys(change).length === 0)
          throw problem(
            'bad-input',
            'features label',
            'nothing was said',
            'Give --label, --notes, --tag, --star, …',
          )
        const author = options.author === undefined ? {} : { author: options.author }
        const label = await client.labels.edit({ saeId, feature, change, ...author })
        print({ sae: saeId, ...label }, () => labelLine(label))
      }),
    )

  features
    .command('history')
    .description('who said what of a feature, and what it was before')
    .requiredOption('--sae <id>', 'the SAE')
    .requiredOption('--feature <n>', 'its number')
    .action((options: { sae: string; feature: string }, command: Command) =>
      run(command, async ({ client, print }) => {
        const feature = numberOf(options.feature, '--feature', { from: 0, whole: true })
        const history = await client.labels.history({ saeId: saeOf(options.sae), feature })
        const text = (value: unknown): string => JSON.stringify(value)
        print(history, () =>
          history
            .map((h) => `${h.at}  ${h.author}  ${h.field}: ${text(h.before)} → ${text(h.after)}`)
            .join('\n'),
        )
      }),
    )

  registerLabelFiles(features.command('labels').description('all labels of an SAE: search, undo, files'), run)
}

function registerLabelFiles(labels: Command, run: RunCommand): void {
  const command = (name: string, description: string): Command =>
    labels.command(name).description(description).requiredOption('--sae <id>', 'the SAE')

  command('list', 'every feature that someone said something of')
    .option('--search <text>', 'only those with words that begin so')
    .action((options: { sae: string; search?: string }, self: Command) =>
      run(self, async ({ client, print }) => {
        const saeId = saeOf(options.sae)
        const list = options.search
          ? await client.labels.search({ saeId, text: options.search })
          : await client.labels.list({ saeId })
        print(list, () => list.map(labelLine).join('\n') || 'No labels.')
      }),
    )

  for (const verb of ['undo', 'redo'] as const)
    command(verb, verb === 'undo' ? 'take the last edit back' : 'do again what was taken back').action(
      (options: { sae: string }, self: Command) =>
        run(self, async ({ client, print }) => {
          const { changed } = await client.labels[verb]({ saeId: saeOf(options.sae) })
          print(changed, () => changed.map(labelLine).join('\n'))
        }),
    )

  command('export', 'write all labels to a file')
    .requiredOption('--to <file>', 'the file')
    .option('--format <name>', LabelFileFormat.options.join(' | '), 'csv')
    .action((options: { sae: string; to: string; format: string }, self: Command) =>
      run(self, async ({ client, print }) => {
        const format = choiceOf(LabelFileFormat, options.format, '--format')
        const done = await client.labels.exportFile({ saeId: saeOf(options.sae), to: options.to, format })
        print(done, `${done.labels} labels written to ${done.file}`)
      }),
    )

  command('import <file>', 'read labels from CSV or Neuronpedia JSONL; one step to undo')
    .option('--conflict <which>', `where both say something: ${LabelConflict.options.join(' | ')}`, 'newer')
    .option('--author <name>', 'who labelled, for lines that do not say')
    .action((file: string, options: { sae: string; conflict: string; author?: string }, self: Command) =>
      run(self, async ({ client, print }) => {
        const conflict = choiceOf(LabelConflict, options.conflict, '--conflict')
        const author = options.author === undefined ? {} : { author: options.author }
        const done = await client.labels.importFile({ saeId: saeOf(options.sae), file, conflict, ...author })
        print(done, `${done.read} read, ${done.changed} changed, ${done.kept} kept as they were`)
      }),
    )

  command('compare <file>', 'how the labels here and those of a file agree; changes nothing').action(
    (file: string, options: { sae: string }, self: Command) =>
      run(self, async ({ client, print }) => {
        const agreement = await client.labels.compareFile({ saeId: saeOf(options.sae), file })
        print(agreement, () =>
          [
            `same ${agreement.same} · different ${agreement.different} · only mine ${agreement.onlyMine} · only theirs ${agreement.onlyTheirs}`,
            tableLines(
              ['feature', 'verdict', 'mine', 'theirs'],
              agreement.rows.map((row) => [
                String(row.feature),
                row.verdict,
                row.mine?.label ?? '',
                row.theirs?.label ?? '',
              ]),
            ),
          ].join('\n'),
        )
      }),
  )
}
