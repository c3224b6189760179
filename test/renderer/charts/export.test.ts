import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import { fileName, pngBlob, svgText, type Figure } from '../../../src-renderer/charts/export-figure.ts'
import Scatter from '../../../src-renderer/charts/Scatter.svelte'
import '../../../src-renderer/theme.css'

async function figure(points: number): Promise<Figure> {
  const values = Array.from({ length: points }, (_, i) => Math.sin(i) + i / points)
  const { container } = await render(Scatter, {
    title: 'Cosine against ΔMSE',
    caption: '100,000 tokens, position 0 left out',
    points: { x: values, y: values.map((v) => v * v) },
    xLabel: 'max cosine',
    yLabel: 'ΔMSE',
    colors: ['var(--novel)'],
  })
  container.style.cssText = 'display:flex; width:400px; height:300px'
  await expect.poll(() => page.getByRole('img').query()?.getBoundingClientRect().width).toBe(400)
  return {
    svg: container.querySelector('.plot svg')!,
    canvas: container.querySelector('canvas'),
    title: 'Cosine against ΔMSE',
    caption: '100,000 tokens, position 0 left out',
  }
}

test('an SVG needs nothing else: styles are written out, title and caption are in it', async () => {
  const text = svgText(await figure(20))
  expect(text).toContain('Cosine against ΔMSE')
  expect(text).toContain('100,000 tokens, position 0 left out')
  expect(text).toContain('fill:rgb(0, 122, 131)')
  expect(text).not.toContain('var(')
  expect(new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror')).toBeNull()
})

test('above ten thousand points they are on a canvas, which goes into the SVG as a picture', async () => {
  const many = await figure(10_001)
  expect(many.svg.querySelectorAll('circle')).toHaveLength(0)
  expect(svgText(many)).toContain('href="data:image/png;base64,')
})

test('a PNG is twice as large as on screen', async () => {
  const one = await figure(20)
  const bitmap = await createImageBitmap(await pngBlob(one))
  expect(bitmap.width).toBe(Math.round(one.svg.getBoundingClientRect().width) * 2)
})

test('files are named by their figure', () => {
  expect(fileName('Cosine against ΔMSE', 'svg')).toBe('cosine-against-mse.svg')
})
