// Maximum-weight matching where each row has a few candidates only: successive shortest paths with potentials (as
// assignment.ts, on lists), a row staying unmatched where that is better.

/** Candidates of row i: column[start[i]] … column[start[i + 1] − 1], with weights > 0. */
export interface Candidates {
  rows: number
  columns: number
  /** [rows + 1] */
  start: Uint32Array
  column: Int32Array
  weight: Float32Array
}

/** A binary heap of columns by distance; a column may be in it more than once, its first coming out counts. */
class Heap {
  readonly #distance: number[] = []
  readonly #column: number[] = []

  get size(): number {
    return this.#column.length
  }

  push(distance: number, column: number): void {
    let at = this.#column.length
    this.#distance.push(distance)
    this.#column.push(column)
    for (let up = (at - 1) >> 1; at > 0 && this.#distance[up] > this.#distance[at]; up = (at - 1) >> 1) {
      this.#swap(up, at)
      at = up
    }
  }

  pop(): { distance: number; column: number } {
    const last = this.#column.length - 1
    this.#swap(0, last)
    const column = this.#column.pop() as number
    const distance = this.#distance.pop() as number
    for (let at = 0; ;) {
      const left = 2 * at + 1
      const right = left + 1
      let least = at
      if (left < last && this.#distance[left] < this.#distance[least]) least = left
      if (right < last && this.#distance[right] < this.#distance[least]) least = right
      if (least === at) return { distance, column }
      this.#swap(at, least)
      at = least
    }
  }

  #swap(x: number, y: number): void {
    ;[this.#distance[x], this.#distance[y]] = [this.#distance[y], this.#distance[x]]
    ;[this.#column[x], this.#column[y]] = [this.#column[y], this.#column[x]]
  }
}

interface State extends Candidates {
  columnOf: Int32Array
  rowOf: Int32Array
  rowPrice: Float64Array
  columnPrice: Float64Array
}

/** The way from a free row: which row each column was reached from, and at what distance. */
interface Reached {
  from: Map<number, number>
  distance: Map<number, number>
  /** Rows met, with their distance. */
  rows: Map<number, number>
}

/** Shifts the assignment along the way back to the row it began at. */
function shift(state: State, reached: Reached, column: number): void {
  for (let j = column; j >= 0;) {
    const i = reached.from.get(j) as number
    const next = state.columnOf[i]
    state.columnOf[i] = j
    state.rowOf[j] = i
    j = next
  }
}

/** Dijkstra from a free row to a free column, or to a row that had better be unmatched. */
function place(state: State, start: number): void {
  const { columnOf, rowOf, rowPrice, columnPrice } = state
  const reached: Reached = { from: new Map(), distance: new Map(), rows: new Map() }
  const heap = new Heap()
  const done = new Set<number>()
  // Being unmatched costs 0, so at a row met at distance δ it costs δ − its price.
  let [aloneAt, aloneRow] = [Infinity, -1]
  const meet = (i: number, distance: number): void => {
    reached.rows.set(i, distance)
    if (distance - rowPrice[i] < aloneAt) [aloneAt, aloneRow] = [distance - rowPrice[i], i]
    for (let e = state.start[i]; e < state.start[i + 1]; e++) {
      const j = state.column[e]
      const through = distance - state.weight[e] - rowPrice[i] - columnPrice[j]
      if (done.has(j) || through >= (reached.distance.get(j) ?? Infinity)) continue
      reached.distance.set(j, through)
      reached.from.set(j, i)
      heap.push(through, j)
    }
  }
  meet(start, 0)
  let [end, length] = [-1, aloneAt]
  while (heap.size > 0) {
    const { distance, column } = heap.pop()
    if (done.has(column)) continue
    if (distance >= aloneAt) break
    done.add(column)
    length = distance
    if (rowOf[column] < 0) {
      end = column
      break
    }
    meet(rowOf[column], distance)
  }
  if (end < 0) length = aloneAt
  for (const [i, distance] of reached.rows) if (distance < length) rowPrice[i] += length - distance
  for (const j of done) columnPrice[j] -= length - (reached.distance.get(j) as number)
  if (end >= 0) return shift(state, reached, end)
  const freed = columnOf[aloneRow]
  columnOf[aloneRow] = -1
  if (freed >= 0 && aloneRow !== start) shift(state, reached, freed)
}

/**
 * Matches rows and columns one-to-one among the candidates so that the sum of weights is the largest.
 * @returns [rows] the column of each row, −1 where it has none
 */
export function assignCandidates(
  candidates: Candidates,
  onRow: (done: number) => void = () => {},
): Int32Array {
  const { rows, columns, start, weight } = candidates
  const best = new Float64Array(rows)
  for (let i = 0; i < rows; i++)
    for (let e = start[i]; e < start[i + 1]; e++) best[i] = Math.max(best[i], weight[e])
  const state: State = {
    ...candidates,
    columnOf: new Int32Array(rows).fill(-1),
    rowOf: new Int32Array(columns).fill(-1),
    rowPrice: best.map((w) => -w),
    columnPrice: new Float64Array(columns),
  }
  for (let i = 0; i < rows; i++) {
    place(state, i)
    onRow(i + 1)
  }
  return state.columnOf
}
