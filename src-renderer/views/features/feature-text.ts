import type { FeatureExample, FeaturePage, LogitLens } from '#contract/feature.ts'
import type { FeatureLabel } from '#contract/label.ts'
import { count, number, percent } from '#figures/number.ts'
import { readableToken } from '../../format/token.ts'

/** An example on one line, the token it is about between brackets. */
function exampleText({ value, window }: FeatureExample): string {
  const middle = window.token - window.first
  const tokens = window.tokens.map((token, i) => (i === middle ? `[[${token}]]` : token)).join('')
  return `${number(value).padStart(8)}  ${tokens.replaceAll('\n', '⏎')}`
}

/** A feature as plain text: to paste into notes or a message. */
export function featureText(
  page: FeaturePage,
  label: FeatureLabel | undefined,
  lens: LogitLens | undefined,
): string {
  const { statistics: s } = page
  const words = (tokens: LogitLens['promoted']): string =>
    tokens.map(({ token }) => readableToken(token)).join(' ')
  return [
    `Feature ${page.feature}${label?.label ? `: ${label.label}` : ''}`,
    ...(label?.tags.length ? [`tags: ${label.tags.join(', ')}`] : []),
    ...(label?.notes ? [label.notes] : []),
    `density ${percent(s.density)} (${count(s.count)} of ${count(s.countedTokens)} tokens), max ${number(s.max)}, mean where firing ${number(s.meanWhereFiring)}`,
    ...(lens ? [`promotes ${words(lens.promoted)}`, `suppresses ${words(lens.suppressed)}`] : []),
    '',
    ...page.top.map(exampleText),
  ].join('\n')
}
