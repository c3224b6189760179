import { problem } from '#contract/problem.ts'

const RANGE = /^(\d+)(?:-(\d+))?$/

/**
 * Features as typed: "none", "all", a word with a rule of its own, or numbers and ranges ("1,2,10-20").
 * @param count features are 0 … count − 1
 * @throws Problem naming the option and the part that is wrong
 */
export function featureNumbers(
  text: string,
  option: string,
  count: number,
  words: Readonly<Record<string, (feature: number) => boolean>>,
): number[] {
  const every = Array.from({ length: count }, (_, j) => j)
  const word = text.trim().toLowerCase()
  if (word === 'none' || word === '') return []
  if (word === 'all') return every
  if (Object.hasOwn(words, word)) return every.filter(words[word])
  return word.split(',').flatMap((part) => {
    const [, first, last = first] = RANGE.exec(part.trim()) ?? []
    if (first === undefined)
      throw problem(
        'bad-input',
        option,
        `"${part}" is no feature number`,
        'Give all, none, or numbers such as 1,2,10-20.',
      )
    const [from, to] = [Number(first), Number(last)]
    if (to >= count || from > to)
      throw problem('bad-input', option, `there is no feature ${part.trim()}: they are 0 to ${count - 1}`)
    return every.slice(from, to + 1)
  })
}
