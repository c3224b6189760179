/** Pixels of a row of a table. */
export const ROW = 28
/** Rows drawn beyond either edge of what is in sight: as many as a fast wheel passes in half a frame. */
const BEYOND = 8

/** The rows of a long table that are drawn: `count` of them, from row `first` on. */
export interface RowWindow {
  first: number
  count: number
}

/** The rows to draw of a list that is `height` pixels high and scrolled to `top`. */
export function rowsAround(top: number, height: number, rows: number): RowWindow {
  const count = Math.min(rows, Math.ceil(height / ROW) + 1 + 2 * BEYOND)
  const first = Math.min(Math.max(0, Math.floor(top / ROW) - BEYOND), rows - count)
  return { first, count }
}

/**
 * The row that element `slot` of `count` shows: the one with its remainder. So an element is given another row only when
 * its own has left the window, and scrolling by a row touches one element instead of all.
 */
export function rowOfSlot(slot: number, { first, count }: RowWindow): number {
  const ahead = (slot - first) % count
  return first + (ahead < 0 ? ahead + count : ahead)
}

/** The elements in the order of the rows they show. */
export const slotsInOrder = ({ first, count }: RowWindow): number[] =>
  Array.from({ length: count }, (_, i) => (first + i) % count)
