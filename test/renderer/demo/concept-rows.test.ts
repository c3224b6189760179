import { expect, test } from 'vitest'
import { conceptFigure } from '../../../src-renderer/views/demo/concept-figure.ts'
import { chanceF1, conceptsOf, conceptTable } from '../../../src-renderer/views/demo/concept-rows.ts'
import { wholeDemo } from './fake-demo.ts'

const { concepts } = wholeDemo()

test('chance is the F1 of firing on every token', () => {
  // 2 of 8 tokens are about it: precision 1/4, recall 1.
  expect(chanceF1(2, 8)).toBeCloseTo((2 * 0.25 * 1) / (0.25 + 1), 12)
})

test('a feature is told for which concepts it is the best of its SAE', () => {
  expect(conceptsOf(concepts, 's-topk0002', 477).map(({ concept }) => concept)).toEqual(['weekday'])
  expect(conceptsOf(concepts, 's-topk0000', 477)).toEqual([])
  // found with F1 0, which is no better than chance
  expect(conceptsOf(concepts, 's-topk0002', 227)).toEqual([])
})

test('the CSV has a line for each concept and SAE, with what chance gives', () => {
  const table = conceptTable(concepts, (id) => id)
  expect(table.columns.slice(0, 4)).toEqual(['concept', 'SAE', 'tokens', 'chance F1'])
  expect(table.rows).toHaveLength(9)
  expect(table.rows[0][3]).toBeCloseTo(chanceF1(4386, 198_501), 12)
})

test('the figure is a document of its own that names concepts, SAEs and where its numbers come from', () => {
  const svg = conceptFigure(concepts, (id) => `SAE <${id}>`, '198,501 tokens')
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml')
  expect(parsed.querySelector('parsererror')).toBeNull()
  const texts = [...parsed.querySelectorAll('text')].map(({ textContent }) => textContent)
  expect(texts).toEqual(
    expect.arrayContaining(['weekday', 'SAE <s-topk0002>', '198,501 tokens', '0.94 · 477']),
  )
})
