import type { Command } from 'commander'
import { SaeId } from '#contract/ids.ts'
import { indexOf } from './feature-index.ts'
import { tableLines } from './feature-lines.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand } from './output.ts'

interface OfSae {
  sae: string
  index?: string
}
interface OfFeature extends OfSae {
  feature: string
  count: string
}

const whole = (text: string, option: string, from = 0): number =>
  numberOf(text, option, { from, whole: true })
const saeOf = (text: string): SaeId => idOf(SaeId, text, 'SAE')
const fixed = (value: number): string => value.toFixed(3)

/** Questions about what is near a feature, and which features a token or a text has. */
export function registerQuestions(features: Command, run: RunCommand): void {
  registerLogits(features, run)
  registerNeighbours(features, run)
  registerCoFiring(features, run)
  registerTokenSearch(features, run)
  registerTry(features, run)
}

const ofFeature = (features: Command, name: string, description: string): Command =>
  features
    .command(name)
    .description(description)
    .requiredOption('--sae <id>', 'the SAE')
    .requiredOption('--feature <n>', 'its number')
    .option('--count <n>', 'how many', '10')

function registerLogits(features: Command, run: RunCommand): void {
  ofFeature(features, 'logits', 'tokens whose logits its decoder direction raises and lowers most').action(
    (options: OfFeature, self: Command) =>
      run(self, async ({ client, print }) => {
        const lens = await client.features.logitLens({
          saeId: saeOf(options.sae),
          feature: whole(options.feature, '--feature'),
          count: whole(options.count, '--count', 1),
        })
        const line = ({ token, logit }: { token: string; logit: number }): string =>
          `${fixed(logit).padStart(9)}  ${JSON.stringify(token)}`
        print(lens, () =>
          ['promoted', ...lens.promoted.map(line), 'suppressed', ...lens.suppressed.map(line)].join('\n'),
        )
      }),
  )
}

function registerNeighbours(features: Command, run: RunCommand): void {
  ofFeature(features, 'neighbours', 'features with the largest decoder cosine')
    .option('--in <sae>', 'look in this SAE (its own unless said)')
    .action((options: OfFeature & { in?: string }, self: Command) =>
      run(self, async ({ client, print }) => {
        const found = await client.features.neighbours({
          saeId: saeOf(options.sae),
          feature: whole(options.feature, '--feature'),
          inSaeId: saeOf(options.in ?? options.sae),
          count: whole(options.count, '--count', 1),
        })
        print(found, () =>
          tableLines(
            ['feature', 'cosine'],
            found.map((n) => [String(n.feature), fixed(n.cosine)]),
          ),
        )
      }),
    )
}

function registerCoFiring(features: Command, run: RunCommand): void {
  ofFeature(features, 'co-firing', 'features that fire on the same tokens')
    .option('--index <id>', 'one of the SAE’s indexes (the newest unless said)')
    .action((options: OfFeature, self: Command) =>
      run(self, async ({ client, print }) => {
        const found = await client.features.coFiring({
          indexId: (await indexOf(client, saeOf(options.sae), options.index)).id,
          feature: whole(options.feature, '--feature'),
          count: whole(options.count, '--count', 1),
        })
        print(found, () =>
          tableLines(
            ['feature', 'together', 'lift', 'correlation'],
            found.features.map((f) => [
              String(f.feature),
              String(f.together),
              f.lift.toPrecision(3),
              fixed(f.correlation),
            ]),
          ),
        )
      }),
    )
}

function registerTokenSearch(features: Command, run: RunCommand): void {
  features
    .command('search')
    .description('features that fire on a token')
    .requiredOption('--sae <id>', 'the SAE')
    .requiredOption('--token <text>', 'the token, with or without its space')
    .option('--index <id>', 'one of the SAE’s indexes (the newest unless said)')
    .option('--count <n>', 'how many', '20')
    .action((options: OfSae & { token: string; count: string }, command: Command) =>
      run(command, async ({ client, print }) => {
        const index = await indexOf(client, saeOf(options.sae), options.index)
        const count = whole(options.count, '--count', 1)
        const found = await client.features.searchToken({ indexId: index.id, text: options.token, count })
        const percent = (share: number): string => (100 * share).toFixed(1)
        print(found, () =>
          [
            `${found.occurrences} occurrences of ${found.forms.map((form) => form.map((t) => JSON.stringify(t)).join(' + ')).join(', ')}`,
            tableLines(
              ['feature', 'fires', '% of them', '% of its firings', 'mean'],
              found.features.map((f) => [
                String(f.feature),
                String(f.fires),
                percent(f.recall),
                percent(f.precision),
                fixed(f.mean),
              ]),
            ),
          ].join('\n'),
        )
      }),
    )
}

function registerTry(features: Command, run: RunCommand): void {
  features
    .command('try')
    .description('run a text through the model and see which features fire on which token')
    .requiredOption('--sae <id>', 'the SAE')
    .requiredOption('--text <text>', 'the text')
    .action((options: { sae: string; text: string }, command: Command) =>
      run(command, async ({ client, print }) => {
        const tried = await client.features.tryText({ saeId: saeOf(options.sae), text: options.text })
        const codes = tried.tokens.map((token, t) => ({
          token,
          features: Array.from(tried.feature.subarray(tried.start[t], tried.start[t + 1]), (feature, i) => ({
            feature,
            activation: tried.value[tried.start[t] + i],
          })).sort((a, b) => b.activation - a.activation),
        }))
        print({ beginsWithBos: tried.beginsWithBos, cutOff: tried.cutOff, codes }, () =>
          codes
            .map(
              ({ token, features }) =>
                `${JSON.stringify(token).padEnd(16)} ${features
                  .slice(0, 8)
                  .map((f) => `${f.feature} (${f.activation.toFixed(2)})`)
                  .join('  ')}`,
            )
            .join('\n'),
        )
      }),
    )
}
