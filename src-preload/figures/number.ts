const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
/** U+2212, as wide as a plus sign. */
const MINUS = '−'
/** One formatter for each number of decimals: making one takes longer than a hundred uses. */
const formatters: Intl.NumberFormat[] = []
const fixed = (decimals: number): Intl.NumberFormat =>
  (formatters[decimals] ??= new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }))
const withMinus = (text: string): string => text.replaceAll('-', MINUS)

/** 98304 → "98,304". */
export const count = (n: number): string => withMinus(grouped.format(n))

/** 260_000 → "260k", 1_100_000_000 → "1.1B": for sizes that are read, not compared. */
export function short(n: number): string {
  const units: [number, string][] = [
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ]
  const [size, unit] = units.find(([limit]) => Math.abs(n) >= limit) ?? [1, '']
  const scaled = n / size
  const digits = unit && Math.abs(scaled) < 10 ? 1 : 0
  return withMinus(`${scaled.toFixed(digits).replace(/\.0$/, '')}${unit}`)
}

/** Four significant digits unless told otherwise; very small and very large in scientific notation; "–" for what is not a number. */
export function number(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : `${MINUS}∞`
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e15) return count(value)
  if (size < 1e-3 || size >= 1e6)
    return withMinus(value.toExponential(Math.min(digits - 1, 2)).replace('e+', 'e'))
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)))
  return withMinus(fixed(decimals).format(value))
}

/** With its sign: +0.0102, −0.0041. */
export const delta = (value: number, digits = 3): string =>
  value > 0 ? `+${number(value, digits)}` : number(value, digits)

/** A fraction as a percentage: 0.0121 → "1.21 %", 0.00003 → "0.003 %". */
export function percent(fraction: number | null | undefined, digits = 3): string {
  if (fraction === null || fraction === undefined || Number.isNaN(fraction)) return '–'
  if (fraction === 0) return '0 %'
  const value = fraction * 100
  const decimals = Math.min(6, Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value)))))
  return withMinus(`${Number(value.toFixed(decimals))} %`)
}

/** "1 feature", "2 features". */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`
