import type { Measure, SideName } from './side.ts'

/** What a measure is called: at the head of a column, on an axis, in a sentence. */
interface MeasureWords {
  column: string
  axis: string
  tip: string
  symbol: string
}
export const words: Record<Measure, MeasureWords> = {
  cosine: {
    column: 'max cos',
    axis: 'largest decoder cosine',
    tip: 'Largest decoder cosine',
    symbol: 'cosine',
  },
  pearson: {
    column: 'max corr',
    axis: 'largest Pearson correlation',
    tip: 'Largest Pearson correlation of the activations',
    symbol: 'correlation',
  },
}
export const otherOf = (name: SideName): SideName => (name === 'a' ? 'b' : 'a')

/** "B in A" */
export const wayOf = (name: SideName): string => `${name.toUpperCase()} in ${otherOf(name).toUpperCase()}`
export const WAYS: { value: SideName; label: string; tip: string }[] = [
  { value: 'b', label: 'B in A', tip: 'Every feature of B looked for in A' },
  { value: 'a', label: 'A in B', tip: 'Every feature of A looked for in B' },
]
