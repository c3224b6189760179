/**
 * Assigns every row of a cost matrix [rows, columns], rows ≤ columns, to a column of its own at the least total cost:
 * the Hungarian method with potentials, one row after the other (Kuhn 1955; O(rows² · columns)).
 * @returns [rows] the column of each row
 */
export function leastCostAssignment(cost: ArrayLike<number>, rows: number, columns: number): Int32Array {
  const ofRow = new Float64Array(rows + 1)
  const ofColumn = new Float64Array(columns + 1)
  const rowAt = new Int32Array(columns + 1) // 1-based; 0 is no row
  for (let row = 1; row <= rows; row++) {
    const slack = new Float64Array(columns + 1).fill(Infinity)
    const from = new Int32Array(columns + 1)
    const used = new Uint8Array(columns + 1)
    let column = 0
    rowAt[0] = row
    do {
      used[column] = 1
      const i = rowAt[column]
      let next = 0
      for (let j = 1; j <= columns; j++) {
        if (used[j]) continue
        const reduced = cost[(i - 1) * columns + j - 1] - ofRow[i] - ofColumn[j]
        if (reduced < slack[j]) {
          slack[j] = reduced
          from[j] = column
        }
        if (next === 0 || slack[j] < slack[next]) next = j
      }
      const step = slack[next]
      for (let j = 0; j <= columns; j++)
        if (used[j]) {
          ofRow[rowAt[j]] += step
          ofColumn[j] -= step
        } else slack[j] -= step
      column = next
    } while (rowAt[column] !== 0)
    for (; column !== 0; column = from[column]) rowAt[column] = rowAt[from[column]]
  }
  const columnOf = new Int32Array(rows)
  for (let j = 1; j <= columns; j++) if (rowAt[j] > 0) columnOf[rowAt[j] - 1] = j - 1
  return columnOf
}
