import { z } from 'zod'
import { FeatureLabel } from '#contract/label.ts'
import { problem } from '#contract/problem.ts'
import type { LabelLine } from './label-line.ts'

// Labels as CSV (RFC 4180): one feature a line; tags separated by ";", true and false as 1 and 0.

const COLUMNS = [
  'feature', 'label', 'notes', 'tags', 'starred', 'uninterpretable', 'confidence', 'author', 'updated_at',
] as const // prettier-ignore

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

export function labelsToCsv(labels: readonly FeatureLabel[]): string {
  const lines = labels.map((l) => [
    String(l.feature),
    l.label,
    l.notes,
    l.tags.join(';'),
    l.starred ? '1' : '0',
    l.uninterpretable ? '1' : '0',
    l.confidence === null ? '' : String(l.confidence),
    l.author,
    l.updatedAt,
  ])
  return [[...COLUMNS], ...lines].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('')
}

/** The cells of every line, with the number of the line each begins on. Quoted cells may hold line breaks. */
export function parseCsv(file: string, text: string): { line: number; cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = []
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|\n|\r|$)/y
  let line = 1
  let cells: string[] = []
  let startedOn = 1
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex
    const found = cell.exec(text)
    if (!found)
      throw problem(
        'bad-file',
        file,
        `line ${line} is not CSV: ${JSON.stringify(text.slice(at, at + 40))}`,
        'Quote cells that hold quotes.',
      )
    const [whole, raw, end] = found
    cells.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw)
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0
    if (end === ',') continue
    if (cells.length > 1 || cells[0] !== '') rows.push({ line: startedOn, cells })
    cells = []
    startedOn = line
    if (cell.lastIndex === at) break
  }
  return rows
}

const Flag = z
  .enum(['1', '0', 'true', 'false', 'TRUE', 'FALSE', 'True', 'False', ''])
  .transform((v) => v === '1' || v.toLowerCase() === 'true')
const Line = z.object({
  feature: z.string().trim().regex(/^\d+$/, 'a feature number').transform(Number),
  label: FeatureLabel.shape.label.optional(),
  notes: FeatureLabel.shape.notes.optional(),
  tags: z
    .string()
    .transform((text) =>
      text
        .split(';')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    )
    .pipe(FeatureLabel.shape.tags)
    .optional(),
  starred: Flag.optional(),
  uninterpretable: Flag.optional(),
  confidence: z
    .string()
    .transform((text) => (text.trim() === '' ? null : Number(text)))
    .pipe(FeatureLabel.shape.confidence)
    .optional(),
  author: z.string().optional(),
  updated_at: z.union([z.literal(''), z.iso.datetime({ offset: true })]).optional(),
})

/** Reads what `labelsToCsv` writes; only the column "feature" is needed, unknown columns are passed over. */
export function labelsFromCsv(file: string, text: string): LabelLine[] {
  const [header, ...rows] = parseCsv(file, text.replace(/^\uFEFF/, ''))
  const names = header?.cells.map((name) => name.trim().toLowerCase()) ?? []
  if (!names.includes('feature'))
    throw problem(
      'bad-file',
      file,
      `it has no column "feature" (it has ${names.join(', ') || 'none'})`,
      `Its first line should be: ${COLUMNS.join(',')}`,
    )
  return rows.map(({ line, cells }) => {
    const parsed = Line.safeParse(Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ''])))
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      throw problem('bad-file', file, `line ${line}, column ${issue.path.join('.')}: ${issue.message}`)
    }
    const { feature, author, updated_at, ...change } = parsed.data
    return { feature, change, author: author || null, updatedAt: updated_at || null }
  })
}
