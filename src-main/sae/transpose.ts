// Files keep W_enc as [d_in, d_sae]; the program keeps one row a feature. Both directions go by blocks, so that
// neither side is walked with a stride that misses the cache on every value.

const BLOCK = 32

/**
 * Puts `rows` rows of a matrix of `columns` columns into columns [at, at + rows) of `out`, whose rows have
 * `outWidth` values: out[c, at + r] = run[r, c].
 */
export function rowsIntoColumns(
  run: Float32Array,
  rows: number,
  columns: number,
  out: Float32Array,
  outWidth: number,
  at: number,
): void {
  for (let r0 = 0; r0 < rows; r0 += BLOCK)
    for (let c0 = 0; c0 < columns; c0 += BLOCK) {
      const r1 = Math.min(rows, r0 + BLOCK)
      const c1 = Math.min(columns, c0 + BLOCK)
      for (let c = c0; c < c1; c++)
        for (let r = r0; r < r1; r++) out[c * outWidth + at + r] = run[r * columns + c]
    }
}

/** Columns [from, to) of a matrix of `width` columns as rows, into `out`: out[c − from, r] = matrix[r, c]. */
export function columnsAsRows(
  matrix: Float32Array,
  width: number,
  from: number,
  to: number,
  out: Float32Array,
): Float32Array {
  const rows = matrix.length / width
  for (let r0 = 0; r0 < rows; r0 += BLOCK)
    for (let c0 = from; c0 < to; c0 += BLOCK) {
      const r1 = Math.min(rows, r0 + BLOCK)
      const c1 = Math.min(to, c0 + BLOCK)
      for (let c = c0; c < c1; c++)
        for (let r = r0; r < r1; r++) out[(c - from) * rows + r] = matrix[r * width + c]
    }
  return out.subarray(0, (to - from) * rows)
}
