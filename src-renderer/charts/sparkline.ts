import { extent } from '#figures/axis.ts'

/** SVG path of a line through equally spaced values within width × height; "" for fewer than two. */
export function sparkPath(values: ArrayLike<number>, width: number, height: number): string {
  const range = extent([values])
  if (!range || values.length < 2) return ''
  const [low, high] = range
  const y = (v: number): number =>
    low === high ? height / 2 : height - 1 - ((v - low) / (high - low)) * (height - 2)
  let path = ''
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue
    const x = (i / (values.length - 1)) * width
    path += `${path ? 'L' : 'M'}${x.toFixed(1)},${y(values[i]).toFixed(1)}`
  }
  return path
}

/** Bars of a tiny histogram: heights in pixels; anything above zero is at least one pixel high. */
export function sparkBars(counts: ArrayLike<number>, height: number): number[] {
  const most = Math.max(1, ...Array.from(counts))
  return Array.from(counts, (n) => (n > 0 ? Math.max(1, Math.round((n / most) * height)) : 0))
}
