import type { FeatureIndex } from '#contract/feature-index.ts'
import { count } from '#figures/number.ts'

/** What the numbers of an index were counted on, in a few words. */
export function indexNote({ tokens, countedTokens, settings, complete }: FeatureIndex): string {
  const leftOut = [
    settings.skipPosition0 ? 'position 0' : '',
    settings.maxNormMultiple === null ? '' : `norms above ${settings.maxNormMultiple} × median`,
  ].filter(Boolean)
  const without = leftOut.length > 0 ? `, ${leftOut.join(' and ')} left out` : ''
  const soFar = complete ? '' : ` of ${count(tokens)} so far`
  return `${count(countedTokens)} tokens${soFar}${without}`
}
