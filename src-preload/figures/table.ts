/** What a chart's CSV holds: the numbers that are drawn. */
export interface ChartTable {
  columns: string[]
  rows: (string | number)[][]
}

const quoted = (value: string | number): string => {
  const text = String(value)
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180, with a heading line. */
export const csvText = ({ columns, rows }: ChartTable): string =>
  [columns, ...rows].map((row) => row.map(quoted).join(',')).join('\n') + '\n'
