import { assertNever } from '#contract/assert-never.ts'
import type { JobControl } from '#contract/job.ts'
import type { FrankensteinRequest } from '#contract/stitch.ts'
import type { ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { countedTokens, evaluationBatches } from '../compare/evaluation-tokens.ts'
import { QualitySums, residualOf, type Quality } from '../compare/quality.ts'
import { openRowProduct } from '../compare/row-product.ts'
import { TokenCodes } from '../compare/token-codes.ts'
import { batchTokens } from '../features/encode-part.ts'
import type { SaeWeights, SparseCodes } from '../sae/weights.ts'
import { DecoderRefit } from './decoder-refit.ts'
import { batchOf, DecoderSgd, Passes } from './decoder-sgd.ts'
import { fitAsGrams, GramBatches, gradientOfTokens, type Descent } from './sgd-batches.ts'

/** What is asked of a Frankenstein SAE, and where it is measured and refitted. */
export interface Work {
  params: FrankensteinRequest
  reader: ActivationReader
  control: JobControl
}

/** Measures an SAE on the evaluation tokens; `also` sees every batch. */
export async function measure(
  weights: SaeWeights,
  { params, reader, control }: Work,
  doing: string,
  also: (x: Float32Array, codes: SparseCodes) => void = () => {},
): Promise<Quality> {
  const maxRows = batchTokens(weights.dSae)
  const encoder = await openEncoder(weights, { maxRows })
  const sums = new QualitySums(weights)
  const total = countedTokens(reader.set, params.evaluation)
  let done = 0
  try {
    for (const { x, rows } of evaluationBatches(reader, params.evaluation, maxRows)) {
      const codes = await encoder.encode(x, rows)
      sums.take(x, residualOf(weights, codes, x), codes)
      also(x, codes)
      control.report(doing, (done += rows), total, 'tokens')
      if (control.stopAsked) control.checkpoint()
    }
  } finally {
    await encoder.close()
  }
  return sums.quality()
}

export interface Refitted {
  before: Quality
  weights: SaeWeights
}

async function solved(weights: SaeWeights, work: Work): Promise<Refitted> {
  const refit = new DecoderRefit(weights)
  const before = await measure(weights, work, 'measuring before the refit', (x, codes) =>
    refit.take(x, codes),
  )
  const { ridge, iterations } = work.params
  const fitted = refit.solve({
    ridge,
    iterations,
    tolerance: 1e-4,
    onIteration: (done) => {
      work.control.report('refitting the decoder', done, iterations, 'steps')
      if (work.control.stopAsked) work.control.checkpoint()
    },
  })
  return { before, weights: fitted }
}

/** A pass over all batches: the gradient of each is in the buffer while its turn lasts. */
type Pass = () => AsyncGenerator<Descent, void, void>

/** Batches that are kept as matrices: nothing is read again. */
async function gramPass(weights: SaeWeights, batches: GramBatches, gradient: Float32Array) {
  const product = await openRowProduct(weights.dSae)
  const transposed = new Float32Array(weights.decoder.length)
  async function* pass(): ReturnType<Pass> {
    for (let number = 0; number < batches.count; number++)
      yield await batches.gradient(number, weights, product, transposed, gradient)
  }
  return { pass, close: () => product.close() }
}

/** Tokens are read again, with the codes that were kept of them. */
function tokenPass(
  weights: SaeWeights,
  codes: SparseCodes,
  { reader, params }: Work,
  gradient: Float32Array,
) {
  async function* pass(): ReturnType<Pass> {
    let from = 0
    for (const { x, rows } of evaluationBatches(reader, params.evaluation, batchOf(codes.rows))) {
      yield gradientOfTokens(weights, x, codes, from, gradient)
      from += rows
    }
  }
  return { pass, close: async () => {} }
}

/** The tokens are encoded once: what does not change is kept, as matrices where they are small, else as codes. */
async function descended(weights: SaeWeights, work: Work): Promise<Refitted> {
  const sgd = new DecoderSgd(weights)
  const grams = fitAsGrams(weights.dSae)
    ? new GramBatches(weights, countedTokens(work.reader.set, work.params.evaluation))
    : null
  const kept = new TokenCodes()
  const before = await measure(weights, work, 'measuring before the refit', (x, codes) => {
    sgd.look(codes)
    if (grams) grams.take(x, codes)
    else kept.append(codes)
  })
  const gradient = new Float32Array(weights.decoder.length)
  const { pass, close } = grams
    ? await gramPass(sgd.weights, grams, gradient)
    : tokenPass(sgd.weights, kept.all(), work, gradient)
  const steps = Math.ceil(before.tokens / batchOf(before.tokens))
  const passes = new Passes(work.params.iterations, steps, before.mse * before.tokens)
  try {
    for (let done = 0; done < passes.end; done++) {
      let sse = 0
      for await (const batch of pass()) {
        sgd.descend(gradient, batch.rows, passes.pace(done))
        sse += batch.sse
        if (work.control.stopAsked) work.control.checkpoint()
      }
      passes.heard(sse)
      work.control.report('descending', done + 1, passes.end, 'passes')
    }
  } finally {
    await close()
  }
  return { before, weights: sgd.weights }
}

export function refitted(weights: SaeWeights, work: Work): Promise<Refitted> {
  const { refitBy } = work.params
  switch (refitBy) {
    case 'least-squares':
      return solved(weights, work)
    case 'sgd':
      return descended(weights, work)
    default:
      return assertNever(refitBy)
  }
}
