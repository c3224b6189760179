import type { ActivationSetId, ModelId } from '#contract/ids.ts'

/** What is known of the activations before they are read. */
export interface SourceFacts {
  /** Their name, for messages. */
  subject: string
  hookName: string
  dIn: number
  /** Tokens of one pass that take part in training; null where a corpus has not been counted. */
  tokensPerPass: number | null
  modelId: ModelId | null
  modelName: string | null
  activationSetId: ActivationSetId | null
  /** Ids of the things they come from. */
  from: string[]
  /** Whether the model that made them can be run on their tokens, for CE recovered. */
  modelAtHand: boolean
}
