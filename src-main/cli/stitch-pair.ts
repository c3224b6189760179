import type { Command } from 'commander'
import { SaeId } from '#contract/ids.ts'
import { problem } from '#contract/problem.ts'
import { evaluationOf, type EvaluationOptions } from './evaluation-options.ts'
import { idOf } from './jobs.ts'
import type { Session } from './output.ts'

export interface PairOptions extends EvaluationOptions {
  base: string
  from: string
}
/** The options that every command on a pair of SAEs has. */
export const withPair = (command: Command): Command =>
  command
    .requiredOption('--base <sae>', 'the host, whose b_dec stays')
    .requiredOption('--from <sae>', 'the donor')
    .requiredOption('--activations <set>', 'tokens to measure on')
    .option('--tokens <n>', 'measure at most so many tokens', '100000')
    .option('--all-positions', 'count position 0 of every row too (left out unless said)')

/** The max cosine of every feature of the donor in the base, and the edges between the two. */
export async function similarity({ client, follow }: Session, base: SaeId, donor: SaeId, floor: number) {
  const { job, id } = await client.compare.create({ aId: base, bId: donor, floor })
  if (job) await follow(job)
  const { aCount: baseCount, bCount: donorCount } = await client.compare.get({ id })
  const { cosine } = await client.compare.arrays({ id })
  if (!cosine) throw problem('mismatch', id, 'the directions of these two cannot be compared')
  const { k, value } = cosine.bToA
  return {
    comparisonId: id,
    baseCount,
    donorCount,
    maxCosine: Float32Array.from({ length: value.length / k }, (_, j) => value[j * k]),
    edges: cosine.edges,
  }
}
export type Similarity = Awaited<ReturnType<typeof similarity>>

/** A stitch of the two on these tokens, prepared: one that is there, or a new one. */
export async function preparedStitch(session: Session, options: PairOptions) {
  const { client, follow } = session
  const baseId = idOf(SaeId, options.base, 'SAE')
  const donorId = idOf(SaeId, options.from, 'SAE')
  const evaluation = evaluationOf(options)
  if (!evaluation) throw problem('bad-input', '--activations', 'tokens to measure on are needed')
  const { id, job } = await client.stitch.create({
    baseId,
    donorId,
    evaluation,
  })
  if (job) await follow(job)
  else await client.stitch.goTo({ id, point: 0 }) // what was done before stays, as a branch
  return client.stitch.get({ id })
}
