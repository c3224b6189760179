import type { z } from 'zod'
import { problem } from '#contract/problem.ts'
import type { SaeSpec, TrainRequest } from '#contract/training.ts'
import type { SourceFacts } from './source-facts.ts'

/** @throws Problem bad-input for the first option that makes no sense, before anything is made. */
export function checkRequest(request: z.output<typeof TrainRequest>, facts: SourceFacts): void {
  if (request.tokens !== undefined && request.steps !== undefined)
    throw problem(
      'bad-input',
      'tokens and steps',
      'both were given',
      'Give one: a step is a batch of tokens.',
    )
  positive('tokens', request.tokens)
  positive('steps', request.steps)
  positive('batch', request.batchTokens)
  checkBatch(request, facts)
  for (const spec of request.saes) checkSpec(spec)
}

function checkBatch(request: z.output<typeof TrainRequest>, facts: SourceFacts): void {
  const { tokensPerPass, subject } = facts
  const left = request.skipPosition0 ? ' (position 0 of every row is left out)' : ''
  if (tokensPerPass === 0)
    throw problem('bad-input', subject, `it has no tokens to train on${left}`, 'Harvest more tokens.')
  const batch = request.batchTokens
  if (batch === undefined) return
  if (tokensPerPass !== null && tokensPerPass < batch)
    throw problem(
      'bad-input',
      subject,
      `it has ${tokensPerPass} tokens${left}, fewer than one batch of ${batch}`,
      'Harvest more tokens, or use a smaller batch.',
    )
  if (request.tokens !== undefined && request.tokens < batch)
    throw problem(
      'bad-input',
      'tokens',
      `${request.tokens} tokens are fewer than one batch of ${batch}`,
      'Train on more tokens, or use a smaller batch.',
    )
}

function checkSpec(spec: SaeSpec): void {
  positive('width', spec.width)
  positive('learning rate', spec.learningRate)
  if ('k' in spec && spec.k !== null) checkK(spec.k, spec.width)
  if ('sparsity' in spec && spec.sparsity !== null && !(spec.sparsity >= 0))
    throw problem('bad-input', 'sparsity', `${spec.sparsity} is not a weight of 0 or more`)
  if ('targetL0' in spec && spec.targetL0 !== null && !(spec.targetL0 > 0 && spec.targetL0 < spec.width))
    throw problem(
      'bad-input',
      'target L0',
      `${spec.targetL0} features per token cannot be reached with ${spec.width} features`,
      `Choose a number between 0 and ${spec.width}.`,
    )
  if (spec.architecture === 'matryoshka' && spec.widths) checkNestedWidths(spec.widths, spec.width)
}

function checkK(k: number, width: number): void {
  if (!(k >= 1))
    throw problem('bad-input', 'k', `${k} features per token is too few`, 'Choose a k of 1 or more.')
  if (k > width)
    throw problem(
      'bad-input',
      'k',
      `${k} features per token cannot be kept out of ${width}`,
      'Choose a k no larger than the width.',
    )
}

function checkNestedWidths(widths: readonly number[], width: number): void {
  const ascending = widths.every((w, i) => w > (widths[i - 1] ?? 0))
  if (!ascending || widths.at(-1) !== width)
    throw problem(
      'bad-input',
      'nested widths',
      `${widths.join(', ')} do not ascend to the width of ${width}`,
      'Give ascending widths, the last one being the whole.',
    )
}

function positive(what: string, value: number | null | undefined): void {
  if (value === undefined || value === null || value > 0) return
  throw problem('bad-input', what, `${value} was given`, 'Give a number above 0.')
}
