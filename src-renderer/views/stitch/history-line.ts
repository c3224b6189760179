import type { HistoryPoint } from '#contract/stitch.ts'

/** Points from the base to `point`, each an edit of the one before. */
export function lineTo(history: readonly HistoryPoint[], point: number): number[] {
  const parents = new Map(history.map((entry) => [entry.point, entry.parent]))
  const line: number[] = []
  for (let at: number | null | undefined = point; at != null; at = parents.get(at)) line.unshift(at)
  return line
}
