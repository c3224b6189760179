const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Decimal units, as file managers and disks count: 1_234_567 → "1.2 MB". */
export function bytes(n: number | null | undefined): string {
  if (n === null || n === undefined || Number.isNaN(n)) return '–'
  let value = n
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}
