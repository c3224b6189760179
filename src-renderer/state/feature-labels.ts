import type { FeatureLabel } from '#contract/label.ts'

/** What was said, by feature; features nobody said anything of are not in it. Never changed in place. */
export type Labels = ReadonlyMap<number, FeatureLabel>
export const NO_LABELS: Labels = new Map()

export const labelsOf = (list: readonly FeatureLabel[]): Labels =>
  new Map(list.map((label) => [label.feature, label]))

const isSaid = (label: FeatureLabel): boolean =>
  label.label !== '' ||
  label.notes !== '' ||
  label.tags.length > 0 ||
  label.starred ||
  label.uninterpretable ||
  label.confidence !== null

/** The labels with some of them as they are now. */
export function withLabels(labels: Labels, changed: readonly FeatureLabel[]): Labels {
  const next = new Map(labels)
  for (const label of changed)
    if (isSaid(label)) next.set(label.feature, label)
    else next.delete(label.feature)
  return next
}

/** Every tag in use, the most used first. */
export function tagsInUse(labels: Labels): string[] {
  const times = new Map<string, number>()
  for (const { tags } of labels.values()) for (const tag of tags) times.set(tag, (times.get(tag) ?? 0) + 1)
  return [...times].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([tag]) => tag)
}

export const numbersOf = (list: readonly FeatureLabel[]): ReadonlySet<number> =>
  new Set(list.map(({ feature }) => feature))
export const setOf = (features: readonly number[]): ReadonlySet<number> => new Set(features)
export const NO_NUMBERS: ReadonlySet<number> = new Set()
