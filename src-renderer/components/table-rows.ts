export interface Sort {
  column: string
  descending: boolean
}

/** What a column shows of a row, and how wide. */
export interface Column<Row> {
  id: string
  label: string
  /** The label is for screen readers only: for a narrow column of marks. */
  unlabelled?: boolean
  /** CSS width of a grid track: "80px", "minmax(120px, 1fr)". */
  width: string
  /** Text of the cell; left out where a snippet draws it. */
  text?: (row: Row) => string
  /** Numbers stand right. */
  align?: 'left' | 'right'
  /** Said when pointing at the heading: the formula, the reduction, the unit. */
  tip?: string
  /** Left out while the table is narrower than this many pixels. */
  from?: number
  /** Can be sorted by it; the first click sorts this way. */
  sort?: 'ascending' | 'descending'
}

/** The sorting after a click on a heading: first its own way, then the other, then off. */
export function nextSort<Row>(column: Column<Row>, now: Sort | null): Sort | null {
  const first = column.sort === 'descending'
  if (now?.column !== column.id) return { column: column.id, descending: first }
  return now.descending === first ? { column: column.id, descending: !first } : null
}

/** Where a key moves in a list of `count` rows that shows `page` of them; null for keys that do not move. */
export function movedIndex(key: string, index: number, count: number, page: number): number | null {
  if (count === 0) return null
  const to: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index < 0 ? 0 : index - 1,
    PageDown: index + page,
    PageUp: index - page,
    Home: 0,
    End: count - 1,
  }
  return key in to ? Math.min(count - 1, Math.max(0, to[key])) : null
}

/** Rows in order of a key, numbers or text; the order of equals stays. */
export function sorted<Row>(
  rows: readonly Row[],
  key: (row: Row) => number | string,
  descending: boolean,
): Row[] {
  const sign = descending ? -1 : 1
  const compare = (a: number | string, b: number | string): number =>
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true })
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => sign * compare(a.key, b.key))
    .map(({ row }) => row)
}
