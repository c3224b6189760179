import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import {
  splitCounts,
  splitFamilies,
  splitLevel,
  splitTree,
  type SplitFamilies,
  type SplitNode,
} from '#contract/splitting.ts'
import { evaluationOf, type EvaluationOptions } from './evaluation-options.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand, Session } from './output.ts'

interface MatchOptions extends EvaluationOptions {
  a: string
  b: string
  by: string
  csv?: string
}
interface MapOptions extends EvaluationOptions {
  a: string
  b: string
  kind: string
  penalty: string
  candidates: string
}
interface SplitOptions {
  saes: string
  feature?: string
  threshold: string
}

/** The comparison of two SAEs, made where there is none that answers. */
async function compared({ client, follow }: Session, a: string, b: string, options: EvaluationOptions = {}) {
  const evaluation = evaluationOf(options)
  const { job, id } = await client.compare.create({
    aId: idOf(SaeId, a, 'SAE'),
    bId: idOf(SaeId, b, 'SAE'),
    ...(evaluation && { evaluation }),
  })
  if (job) await follow(job)
  return id
}

function registerMatch(program: Command, run: RunCommand): void {
  program
    .command('compare-match')
    .description('match the features of two SAEs one-to-one, so that the total similarity is the largest')
    .requiredOption('--a <sae>', 'id of A')
    .requiredOption('--b <sae>', 'id of B')
    .option('--by <measure>', 'cosine, or pearson (needs --activations)', 'cosine')
    .option('--activations <set>', 'tokens to correlate on')
    .option('--tokens <n>', 'at most so many tokens', '100000')
    .option('--all-positions', 'count position 0 of every row too (left out unless said)')
    .option('--csv <file>', 'also write the pairs as CSV')
    .action((options: MatchOptions, command: Command) =>
      run(command, async (session) => {
        const { client, follow, print } = session
        const { by } = options
        if (by !== 'cosine' && by !== 'pearson')
          throw problem('bad-input', '--by', `cosine or pearson is expected, not "${by}"`)
        const id = await compared(session, options.a, options.b, options)
        await follow((await client.compare.findMatching({ id, by })).job)
        const found = await client.compare.matching({ id, by })
        if (!found) throw problem('internal', id, 'the matching was found and is not there')
        if (options.csv !== undefined) {
          const lines = Array.from(found.bOfA, (b, a) => (b < 0 ? '' : `${a},${b},${found.weight[a]}\n`))
          writeFileSync(options.csv, `a,b,${by}\n${lines.join('')}`)
        }
        const matched = found.bOfA.filter((b) => b >= 0).length
        print({ id, ...found }, () =>
          [
            `${matched} pairs, mean ${by} ${found.mean.toFixed(4)}${found.allPairs ? '' : ' (among the best candidates of each feature)'}`,
            ...(found.randomMean === null ? [] : [`random directions: ${found.randomMean.toFixed(4)}`]),
          ].join('\n'),
        )
      }),
    )
}

function registerMap(program: Command, run: RunCommand): void {
  program
    .command('compare-map')
    .description('fit the activations of every feature of B by those of a few features of A')
    .requiredOption('--a <sae>', 'id of A')
    .requiredOption('--b <sae>', 'id of B')
    .requiredOption('--activations <set>', 'tokens to fit on')
    .option('--kind <kind>', 'lasso or ridge', 'lasso')
    .option('--penalty <p>', '0 fits freely, 1 keeps nothing (lasso)', '0.05')
    .option('--candidates <n>', 'predictors are chosen among the n most correlated features', '32')
    .option('--tokens <n>', 'at most so many tokens', '100000')
    .option('--all-positions', 'count position 0 of every row too (left out unless said)')
    .action((options: MapOptions, command: Command) =>
      run(command, async (session) => {
        const { client, follow, print } = session
        const { kind } = options
        if (kind !== 'lasso' && kind !== 'ridge')
          throw problem('bad-input', '--kind', `lasso or ridge is expected, not "${kind}"`)
        const penalty = numberOf(options.penalty, '--penalty', { from: 0, to: 1 })
        const candidates = numberOf(options.candidates, '--candidates', { from: 1, to: 256, whole: true })
        const id = await compared(session, options.a, options.b, options)
        await follow((await client.compare.findSparseMap({ id, kind, penalty, candidates })).job)
        const map = await client.compare.sparseMap({ id, kind })
        if (!map) throw problem('internal', id, 'the map was found and is not there')
        const nonZeros = map.nonZeros.reduce((sum, n) => sum + n, 0) / map.nonZeros.length
        print(
          { id, ...map },
          () => `mean R² ${map.meanR2.toFixed(4)}, ${nonZeros.toFixed(1)} predictors a feature`,
        )
      }),
    )
}

const treeLines = (node: SplitNode, names: readonly string[]): string[] => [
  `${'  '.repeat(node.level)}${names[node.level]} ${node.feature}${node.cosine < 1 ? `  ${node.cosine.toFixed(3)}` : ''}`,
  ...node.children.flatMap((child) => treeLines(child, names)),
]

function registerSplitting(program: Command, run: RunCommand): void {
  program
    .command('splitting')
    .description('how features split as dictionaries widen: trees over two or more SAEs, the narrowest first')
    .requiredOption('--saes <ids>', 'two or more, separated by commas, the narrowest first')
    .option('--feature <n>', 'the tree of one feature of the first SAE only')
    .option('--threshold <cosine>', 'a child is above it', '0.7')
    .action((options: SplitOptions, command: Command) =>
      run(command, async (session) => {
        const { client, print } = session
        const threshold = numberOf(options.threshold, '--threshold', { from: -1, to: 1 })
        const ids = options.saes.split(',').map((text) => idOf(SaeId, text.trim(), 'SAE'))
        if (ids.length < 2) throw problem('bad-input', '--saes', 'two or more are needed')
        const saes = await Promise.all(ids.map((id) => client.saes.get({ id })))
        const levels: SplitFamilies[] = []
        for (let n = 1; n < ids.length; n++) {
          const { cosine } = await client.compare.arrays({ id: await compared(session, ids[n - 1], ids[n]) })
          if (!cosine)
            throw problem('mismatch', ids[n], 'its directions cannot be compared with those before')
          levels.push(splitFamilies(splitLevel(cosine.bToA), saes[n - 1].dSae))
        }
        const features =
          options.feature === undefined
            ? Array.from({ length: saes[0].dSae }, (_, j) => j)
            : [numberOf(options.feature, '--feature', { from: 0, to: saes[0].dSae - 1, whole: true })]
        const trees = features.map((feature) => splitTree(levels, threshold, { level: 0, feature }))
        const counts = levels.map((level) => splitCounts(level, threshold))
        const names = saes.map(({ name }) => name)
        print({ saes: ids, threshold, counts, trees }, () =>
          [
            ...trees.filter(({ children }) => children.length > 0).flatMap((tree) => treeLines(tree, names)),
            ...counts.map(
              (c, n) =>
                `${names[n]} → ${names[n + 1]}: ${c.kept} kept, ${c.split} split into ${c.parts}, ${c.vanished} vanished, ${c.novel} novel`,
            ),
          ].join('\n'),
        )
      }),
    )
}

export function registerFurtherCompare(program: Command, run: RunCommand): void {
  registerMatch(program, run)
  registerMap(program, run)
  registerSplitting(program, run)
}
