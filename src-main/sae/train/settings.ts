import { availableParallelism } from 'node:os'
import type { z } from 'zod'
import { problem } from '#contract/problem.ts'
import type { EngineSettings } from '#contract/settings.ts'
import type { RunSettings, TrainRequest } from '#contract/training.ts'
import { checkRequest } from './check-request.ts'
import { decideOptions } from './sae-options.ts'
import type { SourceFacts } from './source-facts.ts'

/** With no length given, a small set is passed over until about this many tokens have been seen … */
const DEFAULT_TOKENS = 8_000_000
/** … but not more often than this: beyond, an SAE learns the set by heart. */
const MOST_PASSES = 20
/** Smaller batches until there are this many steps, since Adam needs steps more than it needs tokens. */
const WANTED_STEPS = 10_000
const LARGEST_BATCH = 4096
const SMALLEST_BATCH = 256
const POINTS = 400
const CE_MEASURES = 20

/** What the workspace's settings say, where the request does not. */
type Preferred = Pick<EngineSettings, 'backend' | 'threads'>
const NO_PREFERENCE: Preferred = { backend: null, threads: null }

/**
 * A request with every default worked out and checked against the activations it is for.
 * @throws Problem bad-input naming the option, its value and what is possible
 */
export function decideSettings(
  request: z.output<typeof TrainRequest>,
  facts: SourceFacts,
  preferred: Preferred = NO_PREFERENCE,
): RunSettings {
  checkRequest(request, facts)
  const { batchTokens, tokens, steps } = decideLength(request, facts)
  const pointEvery = request.pointEvery ?? Math.max(1, Math.floor(steps / POINTS))
  const share = (amount: number): number => Math.round(amount < 1 ? amount * steps : Math.min(amount, steps))
  return {
    ...request,
    saes: request.saes.map((spec) => decideOptions(spec, facts.dIn)),
    tokens,
    steps,
    batchTokens,
    learningRateWarmUp: share(request.learningRateWarmUp),
    learningRateDecay: share(request.learningRateDecay),
    sparsityWarmUp: share(request.sparsityWarmUp),
    deadAfter: request.deadAfter ?? Math.min(10_000_000, Math.max(8 * batchTokens, Math.round(tokens / 20))),
    pointEvery,
    ceEvery: facts.modelAtHand ? wholePoints(request.ceEvery ?? steps / CE_MEASURES, pointEvery) : 0,
    checkpointEvery: request.checkpointEvery ?? Math.max(1000, Math.floor(steps / 10)),
    backend: request.backend ?? preferred.backend,
    threads: threadsFor(request, facts.dIn * batchTokens, preferred.threads),
  }
}

/** Threads that share so many multiply-adds of the encoder product lose more by waiting for each other than they gain. */
const LEAST_PER_THREAD = 8e6

/** Threads of each SAE: as many as the step of the largest keeps busy, and its share of those that may be used. */
function threadsFor(
  { saes }: z.output<typeof TrainRequest>,
  productsPerFeature: number,
  most: number | null,
): number {
  const products = Math.max(...saes.map(({ width }) => width)) * productsPerFeature
  const threads = Math.min(most ?? Infinity, availableParallelism())
  const share = Math.floor(threads / saes.length)
  return Math.max(1, Math.min(share, Math.round(products / LEAST_PER_THREAD)))
}

/** CE recovered goes with a point of the curve. */
const wholePoints = (steps: number, pointEvery: number): number => Math.ceil(steps / pointEvery) * pointEvery

function decideLength(
  request: z.output<typeof TrainRequest>,
  facts: SourceFacts,
): Pick<RunSettings, 'batchTokens' | 'tokens' | 'steps'> {
  const { tokensPerPass } = facts
  const wanted =
    request.tokens ??
    (tokensPerPass === null
      ? DEFAULT_TOKENS
      : Math.max(tokensPerPass, Math.min(DEFAULT_TOKENS, MOST_PASSES * tokensPerPass)))
  const batchTokens = request.batchTokens ?? defaultBatch(wanted, tokensPerPass ?? Infinity, request.steps)
  const steps = request.steps ?? Math.floor(wanted / batchTokens)
  if (steps < 1)
    throw problem(
      'bad-input',
      'tokens',
      `${wanted} tokens are fewer than one batch of ${batchTokens}`,
      'Train on more tokens, or use a smaller batch.',
    )
  return { batchTokens, steps, tokens: steps * batchTokens }
}

/** The largest power of two that leaves enough steps and fits into one pass. */
function defaultBatch(tokens: number, tokensPerPass: number, steps: number | undefined): number {
  const most = Math.min(steps ? tokens / steps : tokens / WANTED_STEPS, LARGEST_BATCH)
  const wanted = 2 ** Math.floor(Math.log2(Math.max(most, SMALLEST_BATCH)))
  return Math.max(1, Math.min(wanted, tokensPerPass, tokens))
}
