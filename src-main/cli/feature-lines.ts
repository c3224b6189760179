import type { FeatureExample, FeaturePage, TokenWindow } from '#contract/feature.ts'
import type { FeatureLabel } from '#contract/label.ts'

const percent = (share: number): string => `${(100 * share).toPrecision(3)} %`
const number = (value: number | null): string => (value === null ? '–' : value.toPrecision(4))
/** Line breaks would tear a table apart. */
const visible = (token: string): string => token.replaceAll('\n', '⏎').replaceAll('\t', '⇥')

/** The tokens of a window on one line, the one in the middle between ▸ and ◂. */
export function windowLine(window: TokenWindow): string {
  if (window.tokens.length === 0) return `row ${window.row}, position ${window.position}`
  const middle = window.token - window.first
  const text = window.tokens
    .map((token, i) => (i === middle ? `▸${visible(token)}◂` : visible(token)))
    .join('')
  return `${window.before > 0 ? '…' : ''}${text}${window.after > 0 ? '…' : ''}`
}

const exampleLine = ({ value, window }: FeatureExample): string =>
  `${value.toFixed(3).padStart(9)}  ${windowLine(window)}`

export function pageLines(page: FeaturePage, label: FeatureLabel | undefined): string {
  const { statistics: s } = page
  const marks = [
    label?.starred ? '★' : '',
    label?.uninterpretable ? 'uninterpretable' : '',
    ...(label?.tags ?? []),
  ]
  return [
    `feature ${page.feature}  ${label?.label ?? ''}  ${marks.filter(Boolean).join(' ')}`.trimEnd(),
    `density ${percent(s.density)} (${s.count} of ${s.countedTokens} tokens)  max ${number(s.max)}  mean where firing ${number(s.meanWhereFiring)}`,
    `decoder norm ${number(s.decoderNorm)}  encoder·decoder cosine ${number(s.encoderDecoderCosine)}  dimensionality ${number(s.dimensionality)}`,
    '',
    `top ${page.top.length}`,
    ...page.top.map(exampleLine),
    ...page.intervals
      .filter((interval) => interval.count > 0)
      .flatMap(({ from, to, count, share, examples }) => [
        '',
        `${from.toFixed(3)} – ${to.toFixed(3)}: ${count} tokens, ${percent(share)}`,
        ...examples.map(exampleLine),
      ]),
  ].join('\n')
}

/** An example as one flat object, for scripts. */
export function flatExample({ value, window }: FeatureExample): Record<string, unknown> {
  const { activations, ...rest } = window
  return { value, ...rest, activations: activations[0] }
}

/** Columns padded to the width of their widest cell. */
export function tableLines(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)))
  return all.map((row) => row.map((cell, i) => cell.padStart(widths[i])).join('  ')).join('\n')
}
