import { describe, expect, test } from 'vitest'
import '../../src-renderer/theme.css'

type Rgb = [number, number, number]

function rgbOf(color: string): Rgb {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d')!
  canvas.fillStyle = color
  canvas.fillRect(0, 0, 1, 1)
  const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data
  return [r, g, b]
}
/** WCAG 2.2 relative luminance and contrast ratio. */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const c = part / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(rgbOf(a)), luminance(rgbOf(b))].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const SURFACES = ['--bg', '--bg-frame', '--bg-sunken', '--bg-raised']
const MEANINGS = [
  '--sae-a',
  '--sae-b',
  '--hybrid',
  '--novel',
  '--reconstruction',
  '--falls',
  '--rises',
  '--accent',
  '--danger',
  '--warning',
]

describe.each(['light', 'dark'])('the %s theme', (theme) => {
  const token = (name: string): string => {
    document.documentElement.dataset['theme'] = theme
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  }
  const least = (names: string[], surfaces: string[]): [string, number] =>
    names
      .flatMap((name) =>
        surfaces.map((surface): [string, number] => [
          `${name} on ${surface}`,
          contrast(token(name), token(surface)),
        ]),
      )
      .reduce((a, b) => (b[1] < a[1] ? b : a))

  test('has text at 4.5:1 or more on every surface', () => {
    expect(least(['--text', '--text-2', '--text-3'], [...SURFACES, '--bg-hover'])[1]).toBeGreaterThanOrEqual(
      4.5,
    )
  })
  test('has every meaning readable as text on every surface', () => {
    expect(least(MEANINGS, SURFACES)[1]).toBeGreaterThanOrEqual(4.5)
  })
  test('has controls and marks at 3:1 or more', () => {
    const series = Array.from({ length: 8 }, (_, i) => `--series-${i + 1}`)
    expect(
      least(['--line-control', '--null-line', '--dead', ...series], ['--bg', '--bg-raised'])[1],
    ).toBeGreaterThanOrEqual(3)
  })
  test('has text on the accent, on what is selected and on the fullest activation readable', () => {
    expect(contrast(token('--accent-on'), token('--accent'))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(token('--accent'), token('--accent-soft'))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(token('--text'), token('--activation'))).toBeGreaterThanOrEqual(4.5)
    expect(contrast(token('--danger'), token('--danger-soft'))).toBeGreaterThanOrEqual(4.5)
  })
  test('tells A and B, falls and rises apart for every kind of colour vision', () => {
    const apart = (a: string, b: string): number => {
      const [x, y] = [rgbOf(token(a)), rgbOf(token(b))]
      // Blue (or blue-green) against orange-red: the blue channel differs most, which no common colour blindness loses.
      return Math.abs(x[2] - y[2])
    }
    expect(apart('--sae-a', '--sae-b')).toBeGreaterThan(80)
    expect(apart('--falls', '--rises')).toBeGreaterThan(60)
  })
})
