import { describe, expect, test } from 'vitest'
import { pngOfSvg } from '../../../src-renderer/charts/export-figure.ts'
import { featureFigure } from '../../../src-renderer/views/features/feature-figure.ts'
import { featureText } from '../../../src-renderer/views/features/feature-text.ts'
import { saidText } from '../../../src-renderer/views/features/said-text.ts'
import { tagsOf } from '../../../src-renderer/views/features/tags.ts'
import { fakeLabel, fakePage, fakeTable } from './fake-features.ts'

const table = fakeTable({ count: [0, 40], max: [0, 8] })
const label = fakeLabel(1, { label: 'a < b & "c"', tags: ['signs'], notes: 'see also 7' })

describe('a feature as a figure', () => {
  test('is one SVG document with everything in it, whatever its label holds', async () => {
    const svg = featureFigure(fakePage(1, table), label, undefined, 'topk 256 · 1,000 tokens')
    const root = new DOMParser().parseFromString(svg, 'image/svg+xml')
    expect(root.querySelector('parsererror')).toBeNull()
    const words = [...root.querySelectorAll('text')].map((node) => node.textContent)
    expect(words[0]).toBe('Feature 1: a < b & "c"')
    expect(words.at(-1)).toBe('topk 256 · 1,000 tokens')
    const shaded = [...root.querySelectorAll('rect[fill-opacity]')].map((r) =>
      Number(r.getAttribute('fill-opacity')),
    )
    expect(shaded).toHaveLength(6) // two firing tokens in each of three examples
    expect(Math.max(...shaded)).toBe(1)
    const picture = await pngOfSvg(svg)
    expect(picture.type).toBe('image/png')
    expect(picture.size).toBeGreaterThan(5000)
  })

  test('of a feature that never fired has no examples and no broken numbers', () => {
    const svg = featureFigure(fakePage(0, table), undefined, undefined, '')
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  })
})

describe('a feature as text', () => {
  test('has its label, its numbers, and the token of each example between brackets', () => {
    const text = featureText(fakePage(1, table), label, undefined)
    expect(text).toContain(
      'Feature 1: a < b & "c"\ntags: signs\nsee also 7\ndensity 4 % (40 of 1,000 tokens)',
    )
    expect(text.match(/\[\[ \S+\]\]/g)).toHaveLength(3)
  })
})

test('tags are typed with commas, each counts once', () => {
  expect(tagsOf(' a, b;c,, a ')).toEqual(['a', 'b', 'c'])
})

test('what a field held is said in words', () => {
  expect([null, '', [], ['a', 'b'], true, false, 0.5].map(saidText)).toEqual([
    '–',
    '–',
    '–',
    'a, b',
    'yes',
    'no',
    '0.5',
  ])
})
