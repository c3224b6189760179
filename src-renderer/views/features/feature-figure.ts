import type { FeatureExample, FeaturePage, LogitLens } from '#contract/feature.ts'
import type { FeatureLabel } from '#contract/label.ts'
import { count, number, percent } from '#figures/number.ts'
import { readableToken } from '../../format/token.ts'

// A feature's page as a figure for a paper or a slide: always light, whatever the window's theme.

const WIDTH = 760
const PAD = 16
const SANS = 'system-ui, sans-serif'
const MONO = 'ui-monospace, Menlo, Consolas, monospace'
const TEXT = '#1b2025'
const FAINT = '#626b74'
const AMBER = '#f6b73c'
/** Width of a character of 12-px monospace, as browsers and Inkscape set it. */
const CHARACTER = 7.23
const LINE = 20
const EXAMPLES = 12
const HISTOGRAM_HEIGHT = 70

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

interface Style {
  size?: number
  weight?: number
  fill?: string
  font?: string
  anchor?: 'start' | 'end'
}
const text = (x: number, y: number, content: string, style: Style = {}): string => {
  const { size = 12, weight = 400, fill = TEXT, font = SANS, anchor = 'start' } = style
  return `<text x="${x}" y="${y}" font-family="${font}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}" xml:space="preserve">${escaped(content)}</text>`
}

function lensRows(lens: LogitLens, y: number): string[] {
  const row = (name: string, tokens: LogitLens['promoted'], at: number): string[] => [
    text(PAD, at, name, { fill: FAINT }),
    text(PAD + 80, at, tokens.map(({ token }) => readableToken(token)).join('  '), { font: MONO }),
  ]
  return [...row('promoted', lens.promoted, y), ...row('suppressed', lens.suppressed, y + LINE)]
}

/** Bars of the logarithm of the counts, with the ends of the axis written out. */
function histogram({ histogram: counts, statistics }: FeaturePage, y: number): string[] {
  const tallest = Math.log10(1 + Math.max(1, ...counts))
  const width = (WIDTH - 2 * PAD) / counts.length
  const bars = Array.from(counts, (n, i) => {
    const height = (HISTOGRAM_HEIGHT * Math.log10(1 + n)) / tallest
    return `<rect x="${(PAD + i * width).toFixed(2)}" y="${(y + HISTOGRAM_HEIGHT - height).toFixed(2)}" width="${(width - 1).toFixed(2)}" height="${height.toFixed(2)}" fill="${AMBER}"/>`
  })
  const below = y + HISTOGRAM_HEIGHT + 13
  const right = { size: 10, fill: FAINT, anchor: 'end' } as const
  return [
    ...bars,
    text(PAD, below, '0', { size: 10, fill: FAINT }),
    text(WIDTH / 2, below, 'activation (tokens, log)', { size: 10, fill: FAINT }),
    text(WIDTH - PAD, below, number(statistics.max, 3), right),
  ]
}

/** One line: the value, then the tokens on amber as strong as they fire, cut at the right edge. */
function exampleRow({ value, window }: FeatureExample, max: number, y: number): string[] {
  const out = [text(PAD + 44, y, number(value, 3), { fill: FAINT, anchor: 'end' })]
  let x = PAD + 54
  for (const [i, token] of window.tokens.entries()) {
    const shown = readableToken(token)
    const width = shown.length * CHARACTER
    if (x + width > WIDTH - PAD) break
    const amount = Math.min(1, Math.max(0, window.activations[0][i] / max))
    if (amount > 0)
      out.push(
        `<rect x="${x.toFixed(2)}" y="${y - 13}" width="${width.toFixed(2)}" height="18" rx="2" fill="${AMBER}" fill-opacity="${amount.toFixed(3)}"/>`,
      )
    out.push(text(Number(x.toFixed(2)), y, shown, { font: MONO }))
    x += width
  }
  return out
}

/** The figure as an SVG document that needs nothing else. `provenance` is the line at its foot. */
export function featureFigure(
  page: FeaturePage,
  label: FeatureLabel | undefined,
  lens: LogitLens | undefined,
  provenance: string,
): string {
  const { statistics: s } = page
  const parts: string[] = []
  let y = 30
  const title = `Feature ${page.feature}${label?.label ? `: ${label.label}` : ''}`
  parts.push(text(PAD, y, title, { size: 16, weight: 600 }))
  y += 22
  const numbers = `density ${percent(s.density)}   max ${number(s.max)}   mean where firing ${number(s.meanWhereFiring)}   ${count(s.count)} of ${count(s.countedTokens)} tokens`
  parts.push(text(PAD, y, numbers, { fill: FAINT }))
  y += LINE + 4
  if (lens) {
    parts.push(...lensRows(lens, y))
    y += 2 * LINE + 4
  }
  parts.push(...histogram(page, y - 8))
  y += HISTOGRAM_HEIGHT + 28
  for (const example of page.top.slice(0, EXAMPLES)) {
    parts.push(...exampleRow(example, s.max, y))
    y += LINE
  }
  parts.push(text(PAD, y + 12, provenance, { size: 10, fill: FAINT }))
  const height = y + 28
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"><rect width="${WIDTH}" height="${height}" fill="#ffffff"/>${parts.join('')}</svg>`
}
