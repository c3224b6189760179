import type { Command } from 'commander'
import { compareReport, flatReport } from '#contract/compare-report.ts'
import { ActivationSetId, SaeId } from '#contract/ids.ts'
import { compareLines } from './compare-report.ts'
import { evaluationOf, type EvaluationOptions } from './evaluation-options.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'
import type { RunCommand } from './output.ts'

interface CompareOptions extends EvaluationOptions {
  a: string
  b: string
  threshold: string
  floor: string
  k: string
  activationsB?: string
  maskedCosine?: boolean
  name?: string
}

export function registerCompare(program: Command, run: RunCommand): void {
  program
    .command('compare')
    .description(
      'what does SAE B know that SAE A does not? cosines, novel features, swaps, ΔMSE, correlation',
    )
    .requiredOption('--a <sae>', 'id of A, usually the narrower one')
    .requiredOption('--b <sae>', 'id of B')
    .option('--threshold <cosine>', 'novel: max cosine at most this', '0.7')
    .option('--activations <set>', 'also measure activations and ΔMSE on these')
    .option('--activations-b <set>', 'activations for B over the same token ids, where they are others')
    .option('--tokens <n>', 'measure at most so many tokens', '100000')
    .option('--all-positions', 'count position 0 of every row too')
    .option('--k <n>', 'matches kept per feature', '10')
    .option('--floor <cosine>', 'keep edges above this cosine', '0.5')
    .option('--masked-cosine', 'also the masked activation cosine')
    .option('--name <text>', 'a name for the comparison')
    .action((options: CompareOptions, command: Command) =>
      run(command, async ({ client, print, follow }) => {
        const threshold = numberOf(options.threshold, '--threshold', { from: -1, to: 1 })
        const floor = Math.min(numberOf(options.floor, '--floor', { from: 0, to: 1 }), Math.max(0, threshold))
        const evaluation = evaluationOf(options)
        const { job, id } = await client.compare.create({
          aId: idOf(SaeId, options.a, 'SAE'),
          bId: idOf(SaeId, options.b, 'SAE'),
          k: numberOf(options.k, '--k', { from: 1, to: 100, whole: true }),
          floor,
          maskedCosine: options.maskedCosine ?? false,
          ...(options.name !== undefined && { name: options.name }),
          ...(evaluation && { evaluation }),
          ...(options.activationsB !== undefined && {
            bActivationSetId: idOf(ActivationSetId, options.activationsB, 'activation set'),
          }),
        })
        if (job) await follow(job)
        const report = compareReport(
          await client.compare.get({ id }),
          await client.compare.arrays({ id }),
          threshold,
        )
        print(flatReport(report), () => compareLines(report))
      }),
    )
}
