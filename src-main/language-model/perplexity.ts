import { z } from 'zod'
import { Packing } from '#contract/corpus.ts'
import { CorpusId, ModelId } from '#contract/ids.ts'
import type { JobControl } from '#contract/job.ts'
import { ModelDevice, type Perplexity, type PerplexityRequest } from '#contract/model.ts'
import { problem } from '#contract/problem.ts'
import { contextShape } from '../corpus/context-shape.ts'
import { contexts, type Context } from '../corpus/contexts.ts'
import type { Workspace } from '../store/workspace.ts'
import { openOnDevice, rowToTry } from './open-on-device.ts'
import { cpuOnly, type ChooseProvider } from './provider.ts'
import { openTokenizer } from './tokenizer.ts'

/** Tokens are run so many at a time, in whole rows. */
const TOKENS_AT_ONCE = 2048

export const PerplexityPlan = z.object({
  modelId: ModelId,
  corpusId: CorpusId,
  rows: z.int().min(1),
  contexts: z.object({
    contextSize: z.int(),
    bosId: z.int().nullable(),
    packing: Packing,
    shuffle: z.boolean(),
    seed: z.int(),
    vocabSize: z.int(),
  }),
  /** Where the model runs. */
  device: ModelDevice.default('auto'),
})
export type PerplexityPlan = z.infer<typeof PerplexityPlan>

/** A request checked against the model and the corpus. @throws Problem for what does not fit together */
export function planPerplexity(
  workspace: Workspace,
  request: z.output<typeof PerplexityRequest>,
): PerplexityPlan {
  const model = workspace.models.get(request.id)
  const corpus = workspace.corpora.get(request.corpusId)
  const shape = contextShape(corpus, model, request)
  const rows = Math.ceil(request.tokens / shape.contextSize)
  return { modelId: model.id, corpusId: corpus.id, rows, contexts: shape, device: request.device }
}

/** The first rows of a corpus, some at a time. */
async function* batches(all: AsyncIterable<Context>, rows: number, size: number): AsyncGenerator<Context[]> {
  let batch: Context[] = []
  let left = rows
  for await (const context of all) {
    batch.push(context)
    if (--left === 0) break
    if (batch.length === size) {
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

function joined(batch: readonly Context[], contextSize: number): Int32Array {
  const ids = new Int32Array(batch.length * contextSize)
  for (const [row, context] of batch.entries()) ids.set(context.ids, row * contextSize)
  return ids
}

/**
 * Mean next-token loss over a corpus, in nats, and its exponential. Every position of a row but the first is
 * predicted, from those before it in the row.
 */
export async function perplexityJob(
  params: Record<string, unknown>,
  workspace: Workspace,
  control: JobControl,
  choose: ChooseProvider = cpuOnly,
): Promise<Record<string, unknown>> {
  const { modelId, corpusId, rows, contexts: shape, device } = PerplexityPlan.parse(params)
  const model = workspace.models.get(modelId)
  const corpus = workspace.corpora.get(corpusId)
  const { contextSize } = shape
  const tokenizer = corpus.format === 'tokens' ? null : await openTokenizer(model.folder)
  const { languageModel, provider, reason } = await openOnDevice(model, {
    device,
    choose,
    attempt: async (opened) => [await opened.tokenLoss(rowToTry(model, contextSize), 1)],
  })
  let sum = 0
  let predictions = 0
  let done = 0
  try {
    const size = Math.max(1, Math.floor(TOKENS_AT_ONCE / contextSize))
    for await (const batch of batches(contexts(corpus, tokenizer, shape), rows, size)) {
      const losses = await languageModel.tokenLoss(joined(batch, contextSize), batch.length)
      for (const loss of losses) sum += loss
      predictions += losses.length
      done += batch.length
      control.report('measuring next-token loss', done * contextSize, rows * contextSize, 'tokens')
      control.checkpoint()
    }
  } finally {
    await languageModel.close()
  }
  if (predictions === 0)
    throw problem(
      'bad-input',
      corpus.name,
      `it has not one row of ${contextSize} tokens`,
      'Choose a smaller context.',
    )
  const loss = sum / predictions
  if (!Number.isFinite(loss))
    throw problem('diverged', model.name, `its next-token loss is ${loss}: its weights give no numbers here`)
  const measured: Perplexity = {
    loss,
    perplexity: Math.exp(loss),
    predictions,
    tokens: done * contextSize,
    contextSize,
    prependBos: shape.bosId !== null,
    ranOn: provider,
    reason,
  }
  return { ...measured }
}
