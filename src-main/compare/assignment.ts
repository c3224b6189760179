// Maximum-weight assignment of the rows of a dense matrix, exact: Jonker & Volgenant 1987, "A shortest augmenting path
// algorithm for dense and sparse linear assignment problems", Computing 38. Proven against math/assignment.ts.

/** What is on its way: which column each row has and which row each column, and the columns' prices. */
interface Matching {
  rows: number
  columns: number
  /** [rows, columns] weights; the least cost is the largest weight. */
  weight: Float32Array
  /** [rows] −1 while free. */
  columnOf: Int32Array
  /** [columns] −1 while free. */
  rowOf: Int32Array
  /** [columns] dual variables; 0 for columns that are free when there are more of them than rows. */
  price: Float64Array
}

/** Where prices tie up to rounding, row reduction would go on for ever; what is left is found by shortest paths. */
const STEPS_PER_ROW = 8
const EPSILON = 1e-9

/** Cost of a pair, less the column's price. */
const reduced = (m: Matching, i: number, j: number): number => -m.weight[i * m.columns + j] - m.price[j]

/** Prices every column at its least cost and gives it to that row where the row is free. Square matrices only. */
function columnReduction(m: Matching): void {
  const { rows, columns, weight, price, columnOf, rowOf } = m
  const best = new Int32Array(columns)
  price.fill(Infinity)
  for (let i = 0; i < rows; i++)
    for (let j = 0, at = i * columns; j < columns; j++, at++)
      if (-weight[at] < price[j]) {
        price[j] = -weight[at]
        best[j] = i
      }
  const taken = new Uint8Array(rows)
  for (let j = columns - 1; j >= 0; j--) {
    const i = best[j]
    if (taken[i]++ > 0) continue
    columnOf[i] = j
    rowOf[j] = i
  }
  // A row that is best for one column only can let the price fall to where its second best would be as good.
  for (let i = 0; i < rows; i++) {
    if (taken[i] !== 1) continue
    let second = Infinity
    for (let j = 0; j < columns; j++) if (j !== columnOf[i]) second = Math.min(second, reduced(m, i, j))
    if (second < Infinity) price[columnOf[i]] -= second
  }
}

/** Gives each free row its best column, lowering that column's price to its second best; whom it displaces is next. */
function rowReduction(m: Matching, free: number[]): number[] {
  const { columns, columnOf, rowOf, price, weight } = m
  const left: number[] = []
  let steps = STEPS_PER_ROW * m.rows
  while (free.length > 0) {
    const i = free.pop() as number
    let [first, second] = [Infinity, Infinity]
    let [at, other] = [-1, -1]
    for (let j = 0, n = i * columns; j < columns; j++, n++) {
      const cost = -weight[n] - price[j]
      if (cost >= second) continue
      if (cost < first) {
        second = first
        other = at
        first = cost
        at = j
      } else {
        second = cost
        other = j
      }
    }
    const lowers = first < second - EPSILON
    if (!lowers && rowOf[at] >= 0 && other >= 0) at = other
    else if (lowers && second < Infinity) price[at] -= second - first
    const displaced = rowOf[at]
    columnOf[i] = at
    rowOf[at] = i
    if (displaced < 0) continue
    columnOf[displaced] = -1
    if (lowers && steps-- > 0) free.push(displaced)
    else left.push(displaced)
  }
  return left
}

/** Scratch of the shortest paths: distance and predecessor of each column, and the columns in three groups. */
interface Paths {
  distance: Float64Array
  from: Int32Array
  /** [0, low): done; [low, high): at the least distance, to be scanned; [high, …): not yet reached. */
  order: Int32Array
}

/** Dijkstra from a free row to the nearest free column; shifts prices and the assignment along the way. */
function augment(m: Matching, start: number, { distance, from, order }: Paths): void {
  const { columns, columnOf, rowOf, price, weight } = m
  for (let j = 0; j < columns; j++) {
    distance[j] = reduced(m, start, j)
    from[j] = start
    order[j] = j
  }
  let [low, high, done] = [0, 0, 0]
  let least = 0
  let end = -1
  while (end < 0) {
    if (low === high) {
      done = low
      least = distance[order[high++]]
      for (let n = high; n < columns; n++) {
        const j = order[n]
        if (distance[j] > least) continue
        if (distance[j] < least) {
          high = low
          least = distance[j]
        }
        order[n] = order[high]
        order[high++] = j
      }
      for (let n = low; n < high && end < 0; n++) if (rowOf[order[n]] < 0) end = order[n]
      if (end >= 0) break
    }
    const scanned = order[low++]
    const i = rowOf[scanned]
    const base = -weight[i * columns + scanned] - price[scanned] - least
    for (let n = high; n < columns; n++) {
      const j = order[n]
      const through = -weight[i * columns + j] - price[j] - base
      if (through >= distance[j]) continue
      distance[j] = through
      from[j] = i
      if (through > least) continue
      if (rowOf[j] < 0) {
        end = j
        break
      }
      order[n] = order[high]
      order[high++] = j
    }
  }
  for (let n = 0; n < done; n++) price[order[n]] += distance[order[n]] - least
  for (let j = end, i = -1; i !== start;) {
    i = from[j]
    rowOf[j] = i
    ;[columnOf[i], j] = [j, columnOf[i]]
  }
}

/**
 * Gives every row a column of its own so that the sum of weights is the largest.
 * @param weight [rows, columns], rows ≤ columns
 * @param onRow hears how many of the rows that need a shortest path are done
 * @returns [rows] the column of each row
 */
export function assignRows(
  weight: Float32Array,
  rows: number,
  columns: number,
  onRow: (done: number, total: number) => void = () => {},
): Int32Array {
  const m: Matching = {
    rows,
    columns,
    weight,
    columnOf: new Int32Array(rows).fill(-1),
    rowOf: new Int32Array(columns).fill(-1),
    price: new Float64Array(columns),
  }
  if (rows === columns && rows > 1) columnReduction(m)
  const isFree = (i: number): boolean => m.columnOf[i] < 0
  let free = Array.from({ length: rows }, (_, i) => i).filter(isFree)
  for (let round = 0; round < 2 && free.length > 0; round++) free = rowReduction(m, free)
  const paths = {
    distance: new Float64Array(columns),
    from: new Int32Array(columns),
    order: new Int32Array(columns),
  }
  free.forEach((i, n) => {
    augment(m, i, paths)
    onRow(n + 1, free.length)
  })
  return m.columnOf
}
