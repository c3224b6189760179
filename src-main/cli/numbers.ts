import { problem } from '#contract/problem.ts'

interface Range {
  from?: number
  to?: number
  whole?: boolean
}

/** A number as typed after an option, checked. @throws Problem naming the option and what was typed. */
export function numberOf(
  text: string,
  option: string,
  { from = -Infinity, to = Infinity, whole }: Range = {},
): number {
  const value = text.trim() === '' ? NaN : Number(text)
  const kind = whole ? 'a whole number' : 'a number'
  if (!(value >= from && value <= to) || (whole && !Number.isInteger(value))) {
    const range = [from > -Infinity ? `from ${from}` : '', to < Infinity ? `to ${to}` : ''].filter(Boolean)
    throw problem('bad-input', option, `${[kind, ...range].join(' ')} is expected, not "${text}"`)
  }
  return value
}
