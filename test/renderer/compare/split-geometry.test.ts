import { expect, test } from 'vitest'
import { liftStrength, readLift } from '../../../src-renderer/charts/lift-matrix.ts'
import { splitFlow } from '../../../src-renderer/charts/split-flow.ts'
import { namesSideBySide, splitTreeGeometry } from '../../../src-renderer/charts/split-tree.ts'

test('bands of a flow are as high as the features in them; what has none is not drawn', () => {
  const counts = [{ kept: 1, split: 1, parts: 2, vanished: 0, novel: 1 }]
  const { columns, bands } = splitFlow([2, 4], counts, { width: 400, height: 232 })
  expect(columns.map(({ height }) => height)).toEqual([100, 200])
  expect(bands.map(({ fate, from, to }) => [fate, from, to])).toEqual([
    ['kept', 1, 1],
    ['split', 1, 2],
    ['novel', 0, 1],
  ])
})

test('a tree has a row a leaf, and every parent in the middle of its children', () => {
  const leaf = (feature: number, cosine: number) => ({ level: 1, feature, cosine, children: [] })
  const root = { level: 0, feature: 0, cosine: 1, children: [leaf(3, 1), leaf(5, 0.75)] }
  const { nodes, links } = splitTreeGeometry(root, 2, 400)
  const [top, first, second] = nodes
  expect(top.y).toBe((first.y + second.y) / 2)
  expect(links.map(({ width }) => width)).toEqual([7, 4])
})

test('names of levels that would touch lose the words they all begin with', () => {
  const names = ['Demo SAE 64', 'Demo SAE 128']
  expect(namesSideBySide(names, 200)).toEqual(names)
  expect(namesSideBySide(names, 78)).toEqual(['64', '128'])
  expect(namesSideBySide(['one', 'another that is long'], 70)).toEqual(['one', 'another…'])
})

test('lift is read by the median of the pairs that are known', () => {
  expect(readLift([1, 0.1, NaN, 0.1, 1, 0.2, NaN, 0.2, 1], 3)).toMatchObject({
    kind: 'alternatives',
    pairs: 2,
  })
  expect(readLift([1, 4, 4, 1], 2).kind).toBe('subspace')
  expect(readLift([1, 1, 1, 1], 2).kind).toBe('between')
  expect(readLift([NaN, NaN, NaN, NaN], 2).kind).toBe('unknown')
  expect([0, 1, 16, 64].map(liftStrength)).toEqual([-1, 0, 1, 1])
})
