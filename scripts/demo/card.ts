import type { Learnt } from './examine.ts'

/** The table of the model card. */
export function cardTable({ loss, skills }: Learnt): string {
  const rows = Object.entries(skills).map(
    ([skill, { right, asked }]) =>
      `| ${skill} | ${right} of ${asked} (${((100 * right) / asked).toFixed(1)} %) |`,
  )
  return [
    '| what | result |',
    '| --- | --- |',
    `| next-token loss | ${loss.toFixed(3)} nats |`,
    ...rows,
  ].join('\n')
}
