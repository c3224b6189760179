import type { EvaluationRequest } from '#contract/evaluation.ts'
import { ActivationSetId } from '#contract/ids.ts'
import { idOf } from './jobs.ts'
import { numberOf } from './numbers.ts'

/** What is typed to say which tokens are measured. */
export interface EvaluationOptions {
  activations?: string
  tokens?: string
  allPositions?: boolean
}

/** The tokens to measure on; null where no activations were named. */
export function evaluationOf({
  activations,
  tokens = '100000',
  allPositions,
}: EvaluationOptions): EvaluationRequest | null {
  if (activations === undefined) return null
  return {
    activationSetId: idOf(ActivationSetId, activations, 'activation set'),
    tokens: numberOf(tokens, '--tokens', { from: 1, whole: true }),
    skipPosition0: !allPositions,
  }
}
