import type { SaeConcepts } from '#contract/demo.ts'
import { chanceF1, conceptRows } from './concept-rows.ts'

// The table of concepts as a figure for a paper or a slide: always light, whatever the window's theme.

const PAD = 16
const NAMES = 130
const BAR = 170
const COLUMN = BAR + 70
const ROW = 20
const HEAD = 58
const FONT = 'font-family="system-ui, sans-serif"'
const TEXT = '#1b2025'
const FAINT = '#626b74'
const FILL = '#2f6fd6'
const TRACK = '#e8ebee'
const NULL_LINE = '#7a838c'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const words = (x: number, y: number, content: string, size = 12, fill = TEXT): string =>
  `<text x="${x}" y="${y}" ${FONT} font-size="${size}" fill="${fill}">${escaped(content)}</text>`

/** Best F1 of each concept and SAE as bars, what chance gives dashed, the numbers beside: an SVG document. */
export function conceptFigure(
  concepts: readonly SaeConcepts[],
  nameOf: (id: string) => string,
  caption: string,
): string {
  const rows = conceptRows(concepts)
  const width = 2 * PAD + NAMES + COLUMN * concepts.length
  const height = HEAD + rows.length * ROW + 30
  const drawn = rows.flatMap(({ concept, matches, tokens }, row) => {
    const y = HEAD + row * ROW
    return [
      words(PAD, y + 12, concept),
      ...matches.flatMap(({ f1, feature }, at) => {
        const x = PAD + NAMES + at * COLUMN
        const chance = x + BAR * chanceF1(tokens, concepts[at].tokens)
        return [
          `<rect x="${x}" y="${y + 3}" width="${BAR}" height="10" fill="${TRACK}"/>`,
          `<rect x="${x}" y="${y + 3}" width="${(BAR * f1).toFixed(2)}" height="10" fill="${FILL}"/>`,
          `<path d="M${chance.toFixed(2)} ${y + 1}v14" stroke="${NULL_LINE}" stroke-dasharray="2 2"/>`,
          words(x + BAR + 6, y + 12, feature < 0 ? 'none' : `${f1.toFixed(2)} · ${feature}`, 11, FAINT),
        ]
      }),
    ]
  })
  const heads = concepts.map(({ saeId }, at) =>
    words(PAD + NAMES + at * COLUMN, 48, nameOf(saeId), 11, FAINT),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    words(PAD, 24, 'Best F1 per concept (F1 · feature)', 14),
    ...heads,
    ...drawn,
    words(PAD, height - 10, caption, 10, FAINT),
    '</svg>',
  ].join('')
}
