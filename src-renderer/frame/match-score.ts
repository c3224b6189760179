/**
 * How well what was typed fits something's words (its label first): 0 not at all, 1 at best. Every typed word must be
 * found; at the beginning of a word counts more than inside one, in the label more than elsewhere.
 */
export function matchScore(typed: string, words: readonly string[]): number {
  const [label = '', ...others] = words.map((word) => word.toLowerCase())
  const rest = others.join(' ')
  let score = 1
  for (const part of typed.toLowerCase().split(/\s+/).filter(Boolean)) {
    const begins = (text: string): boolean => text.startsWith(part) || text.includes(` ${part}`)
    if (label.startsWith(part)) continue
    if (begins(label)) score *= 0.9
    else if (label.includes(part)) score *= 0.7
    else if (begins(rest)) score *= 0.5
    else if (rest.includes(part)) score *= 0.3
    else return 0
  }
  return score
}
