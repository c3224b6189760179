import { compare } from '#contract/compare.ts'
import { features } from '#contract/feature.ts'

const { logitLens, neighbours, coFiring, searchToken, tryText, map } = features
/** What is asked of the feature worker, because answering takes weights, models or long reads. */
export const questions = {
  features: { logitLens, neighbours, coFiring, searchToken, tryText, map, pairMap: compare.map },
}
export type Questions = typeof questions
