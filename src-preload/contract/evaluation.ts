import { z } from 'zod'
import { ActivationSetId } from './ids.ts'

/** Which tokens a comparison or a stitch is measured on. */
export const EvaluationRequest = z.object({
  activationSetId: ActivationSetId,
  /** At most so many tokens are measured, from the first on. */
  tokens: z.int().min(1).default(100_000),
  /** Leaves position 0 of every row out (BOS, attention sinks). Activations that came without rows have none to leave out. */
  skipPosition0: z.boolean().default(true),
})
export type EvaluationRequest = z.output<typeof EvaluationRequest>

/** What was measured on: printed beside every number that comes from it. */
export const EvaluatedOn = z.object({
  activationSetId: ActivationSetId,
  /** Tokens that count. */
  tokens: z.int(),
  skippedPosition0: z.boolean(),
})
export type EvaluatedOn = z.infer<typeof EvaluatedOn>
