import { number, percent } from '#figures/number.ts'
import type { NumberColumn } from '../../state/feature-order.ts'

/** What a range of numbers is asked of, in the words of the table's headings. */
export const COLUMN_NAMES: Record<NumberColumn, string> = {
  density: 'Density',
  max: 'Largest activation',
  mean: 'Mean where it fires',
  maxcos: 'Max cosine',
  norm: 'Decoder norm',
  dimensionality: 'Dimensionality',
  cosine: 'Encoder·decoder cosine',
}

export const columnValue = (column: NumberColumn, value: number): string =>
  column === 'density' ? percent(value) : number(value, 3)
