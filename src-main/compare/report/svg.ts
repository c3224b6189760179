import type { Axis } from '#figures/axis.ts'

// A figure as SVG text. Colours are the window's tokens, as CSS variables: the page defines them for both themes; in a
// file of its own a figure has those of the light one written out, as programs other than browsers need.

export interface Figure {
  /** Name of its file, without ending. */
  name: string
  title: string
  caption: string
  width: number
  height: number
  /** The elements inside <svg>. */
  body: string
}

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

type Attributes = Record<string, string | number | undefined>
const placed = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : escaped(value)

export const element = (name: string, attributes: Attributes, content = ''): string =>
  `<${name}${Object.entries(attributes)
    .map(([key, value]) => (value === undefined ? '' : ` ${key}="${placed(value)}"`))
    .join('')}${content === '' ? '/>' : `>${content}</${name}>`}`

export const text = (x: number, y: number, words: string, attributes: Attributes = {}): string =>
  element('text', { x, y, fill: 'var(--text-2)', 'font-size': 11, ...attributes }, escaped(words))

/** The same axes as the window's charts have. */
export function axesOf(x: Axis, y: Axis, xLabel: string, yLabel: string): string {
  const bottom = y.range[0]
  const named = (label: string, { kind }: Axis): string => (kind === 'linear' ? label : `${label} (${kind})`)
  const [left, right] = x.range
  return [
    ...y.ticks.map(
      ({ at, label }) =>
        element('line', { x1: left, x2: right, y1: at, y2: at, stroke: 'var(--line)' }) +
        text(left - 6, at, label, { dy: '0.33em', 'text-anchor': 'end' }),
    ),
    element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: 'var(--line-control)' }),
    ...x.ticks.map(
      ({ at, label }) =>
        element('line', { x1: at, x2: at, y1: bottom, y2: bottom + 4, stroke: 'var(--line-control)' }) +
        text(at, bottom + 15, label, { 'text-anchor': 'middle' }),
    ),
    text(right, bottom + 29, `${named(xLabel, x)} →`, { 'text-anchor': 'end' }),
    text(2, 10, `↑ ${named(yLabel, y)}`),
  ].join('')
}

/** The figure inside a page. */
export const inlineSvg = ({ title, caption, width, height, body }: Figure): string =>
  element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      width: Math.ceil(width),
      height: Math.ceil(height),
      role: 'img',
      'aria-label': `${title}. ${caption}`,
      'font-family': 'system-ui, sans-serif',
    },
    body,
  )

const LIGHT: Record<string, string> = {
  bg: '#ffffff',
  line: '#e2e5e8',
  'line-control': '#858e97',
  text: '#1b2025',
  'text-2': '#4c555e',
  'text-3': '#626b74',
  'null-line': '#7a838c',
  'series-1': '#0068ad',
  'series-2': '#b45000',
  'series-3': '#007a5a',
  'series-4': '#a8447f',
  'series-5': '#7340b5',
  'series-6': '#8a6d00',
  'series-7': '#2e86c9',
  'series-8': '#5b6570',
}
const DARK: Record<string, string> = {
  bg: '#16191c',
  line: '#2d3339',
  'line-control': '#717b85',
  text: '#e4e7ea',
  'text-2': '#b0b8c0',
  'text-3': '#959ea7',
  'null-line': '#8a949e',
  'series-1': '#5fabea',
  'series-2': '#f29b4b',
  'series-3': '#45c49a',
  'series-4': '#e38dbd',
  'series-5': '#bb9df2',
  'series-6': '#d9bd4f',
  'series-7': '#9bd0f7',
  'series-8': '#a3adb7',
}
const declared = (tokens: Record<string, string>): string =>
  Object.entries(tokens)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')
/** The tokens that figures use, for a page's style: light, and dark where the reader prefers it. */
export const TOKENS = `:root{color-scheme:light dark;${declared(LIGHT)}}@media (prefers-color-scheme:dark){:root{${declared(DARK)}}}`

const HEAD = 28
const FOOT = 16
const LINE_CHARACTERS = 6

/** Words in lines of at most so many characters. */
function wrapped(words: string, most: number): string[] {
  const lines: string[] = ['']
  for (const word of words.split(' ')) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim()
    if (longer.length <= most || lines[lines.length - 1] === '') lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** The figure as a document of its own, with title and caption, light, needing nothing else. */
export function svgFile({ title, caption, width, height, body }: Figure): string {
  const lines = wrapped(caption, Math.floor((width - 16) / (LINE_CHARACTERS * 0.9)))
  const total = Math.ceil(height + HEAD + FOOT + 13 * lines.length)
  const inner = [
    element('rect', { width: Math.ceil(width), height: total, fill: 'var(--bg)' }),
    text(8, 18, title, { fill: 'var(--text)', 'font-size': 13, 'font-weight': 600 }),
    element('g', { transform: `translate(0 ${HEAD})` }, body),
    ...lines.map((line, n) =>
      text(8, HEAD + height + 12 + 13 * n, line, { fill: 'var(--text-3)', 'font-size': 10 }),
    ),
  ].join('')
  const whole = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: Math.ceil(width),
      height: total,
      viewBox: `0 0 ${Math.ceil(width)} ${total}`,
      'font-family': 'system-ui, sans-serif',
    },
    inner,
  )
  return whole.replace(/var\(--([\w-]+)\)/g, (all, name: string) => LIGHT[name] ?? all) + '\n'
}
