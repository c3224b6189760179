import { number } from '#figures/number.ts'

export interface NumberLimits {
  min: number
  max: number
  whole: boolean
}
export type ReadNumber = { value: number; error?: undefined } | { value: null; error: string }

const SCALES: Record<string, number> = { k: 1e3, m: 1e6, b: 1e9, g: 1e9 }

/** A number as people type it: "100,000", "100k", "1.5M", "3e-4"; with a sentence when it is none or out of range. */
export function readNumber(text: string, { min, max, whole }: NumberLimits): ReadNumber {
  const plain = text
    .trim()
    .replace(/[,_\s]/g, '')
    .replace('−', '-')
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([kmbg])?$/i.exec(plain)
  if (!found) return { value: null, error: `“${text.trim()}” is not a number` }
  const value = Number(found[1]) * (found[2] ? SCALES[found[2].toLowerCase()] : 1)
  if (whole && !Number.isInteger(value)) return { value: null, error: 'A whole number is expected' }
  if (value < min) return { value: null, error: `At least ${number(min)}` }
  if (value > max) return { value: null, error: `At most ${number(max)}` }
  return { value }
}

/** Several of them, separated by commas or spaces (so no grouping inside): "512 1024, 2k". */
export function readNumbers(text: string, limits: NumberLimits): { values: number[]; error?: string } {
  const parts = text.split(/[\s,;]+/).filter(Boolean)
  const read = parts.map((part) => readNumber(part, limits))
  const error = read.find((one) => one.error !== undefined)?.error
  return {
    values: read.flatMap((one) => (one.value === null ? [] : [one.value])),
    ...(error ? { error } : {}),
  }
}
