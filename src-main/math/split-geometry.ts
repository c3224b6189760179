import { rowDot, type Rows } from './cosine.ts'
import { symmetricEigen } from './eigen.ts'

/** Rate at which two features fire together against chance: T n_xy / (n_x n_y). 1 by chance, 0 never, NaN unknown. */
export const lift = (tokens: number, firesX: number, firesY: number, together: number): number =>
  (tokens * together) / (firesX * firesY)

export interface Arrangement {
  /**
   * Participation ratio (Σλ)² / Σλ² of the spectrum of the directions about their mean: 1 on a line, 2 in a plane,
   * n − 1 for n directions that have nothing in common but their mean.
   */
  effectiveDimension: number
  /** Share of the spread along each principal axis, largest first. */
  explained: Float64Array
  /** [rows, 2] the directions on their first two principal axes. */
  plane: Float64Array
}

/** How unit directions lie to each other: PCA of the rows about their mean, through their Gram matrix. */
export function arrangement(directions: Rows): Arrangement {
  const n = directions.rows
  const gram = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) gram[i * n + j] = rowDot(directions, i, directions, j)
  const rowMean = Float64Array.from(
    { length: n },
    (_, i) => gram.subarray(i * n, (i + 1) * n).reduce((s, g) => s + g, 0) / n,
  )
  const mean = rowMean.reduce((sum, m) => sum + m, 0) / n
  const centred = gram.map((g, at) => g - rowMean[Math.floor(at / n)] - rowMean[at % n] + mean)
  const { values, vectors } = symmetricEigen(centred, n)
  const spread = values.map((v) => Math.max(0, v))
  const total = spread.reduce((sum, v) => sum + v, 0)
  const squares = spread.reduce((sum, v) => sum + v * v, 0)
  return {
    effectiveDimension: squares > 0 ? (total * total) / squares : 0,
    explained: spread.map((v) => (total > 0 ? v / total : 0)),
    plane: Float64Array.from({ length: 2 * n }, (_, at) => {
      const axis = at % 2
      return axis < n ? vectors[axis * n + Math.floor(at / 2)] * Math.sqrt(spread[axis]) : 0
    }),
  }
}
