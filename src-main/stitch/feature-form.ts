import type { EvaluationRequest } from '#contract/evaluation.ts'
import type { JobControl } from '#contract/job.ts'
import type { FeatureForm } from '#contract/stitch.ts'
import type { ActivationReader } from '../activations/reader.ts'
import { openEncoder } from '../backends/cpu/encoder.ts'
import { countedTokens, evaluationBatches } from '../compare/evaluation-tokens.ts'
import { batchTokens } from '../features/encode-part.ts'
import type { SaeWeights } from '../sae/weights.ts'
import { choosesAmongFeatures, elementwiseForm } from './elementwise-form.ts'
import { FixedThreshold } from './fixed-threshold.ts'

/** A fixed threshold is the mean over at most so many tokens. */
const THRESHOLD_TOKENS = 20_000

/** How the features of an SAE will be used, measured on the evaluation tokens where that needs a threshold. */
export async function formOf(
  weights: SaeWeights,
  reader: ActivationReader,
  evaluation: EvaluationRequest,
  control: JobControl,
): Promise<FeatureForm> {
  if (!choosesAmongFeatures(weights)) return { kind: 'exact' }
  const maxRows = batchTokens(weights.dSae)
  const request = { ...evaluation, tokens: Math.min(evaluation.tokens, THRESHOLD_TOKENS) }
  const encoder = await openEncoder(weights, { maxRows })
  const threshold = new FixedThreshold()
  try {
    let tokens = 0
    for (const { x, rows } of evaluationBatches(reader, request, maxRows)) {
      threshold.take(await encoder.encode(x, rows))
      control.report('measuring a threshold', (tokens += rows), countedTokens(reader.set, request), 'tokens')
      if (control.stopAsked) control.checkpoint()
    }
  } finally {
    await encoder.close()
  }
  return { kind: 'fixed-threshold', threshold: threshold.value }
}

export const formed = (weights: SaeWeights, form: FeatureForm): SaeWeights =>
  elementwiseForm(weights, form.kind === 'fixed-threshold' ? form.threshold : null)
