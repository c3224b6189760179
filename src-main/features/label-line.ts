import type { LabelChange } from '#contract/label.ts'

/** What one line of a label file says; null where it does not say who or when. */
export interface LabelLine {
  feature: number
  change: LabelChange
  author: string | null
  updatedAt: string | null
}
