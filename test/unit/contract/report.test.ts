import { describe, expect, test } from 'vitest'
import { alongs, byRelation, orderedPairs, relationOf } from '#contract/pair-relations.ts'
import { meanRandom, pairSaid, pairTable, scaleOf } from '#contract/report-matrix.ts'
import { axisOrder, densityLines, drawnNames, grouped, groupings } from '#contract/report-order.ts'
import { ReportedSae, type ReportNumbers } from '#contract/report.ts'

const sae = (name: string, some: Partial<ReportedSae> = {}): ReportedSae =>
  ReportedSae.parse({
    ...{
      id: `s-${name
        .replace(/[^a-z0-9]/g, '')
        .slice(0, 12)
        .padEnd(8, 'x')}`,
      name,
      dSae: 8,
      dIn: 4,
      architecture: 'standard',
    },
    ...{
      hookName: 'blocks.1.hook_resid_pre',
      modelName: 'm',
      trainedTokens: null,
      seed: null,
      baseline: false,
    },
    ...{ metrics: null, norms: null, density: null },
    ...some,
  })
const narrow = sae('narrow')
const wide = sae('wide', { dSae: 16 })
const seed = sae('seed')
const layer = sae('layer', { hookName: 'blocks.3.hook_resid_pre', baseline: true })
const model = sae('model', { modelName: 'other', dIn: 6 })
const numbers: ReportNumbers = {
  saes: [wide, narrow, model],
  mcs: [[1, 0.5, null], [0.9, 1, null], [null, null, 1]], // prettier-ignore
  mcsRandom: [[0.4, 0.3, null], [0.4, 0.3, null], [null, null, 0.2]], // prettier-ignore
  pearson: [[1, 0.6, 0.2], [0.8, 1, 0.3], [0.1, 0.4, 1]], // prettier-ignore
  pearsonRandom: [[0.1, 0.1, 0.1], [0.1, 0.1, 0.1], [0.1, 0.1, 0.1]], // prettier-ignore
  ...{ tokens: 100, skippedPosition0: true, sameIds: true },
}

describe('pairs of a report', () => {
  test('are told apart by what the two have in common, baselines first', () => {
    expect([seed, wide, layer, model].map((other) => relationOf(narrow, other))).toEqual([
      'twin',
      'width',
      'baseline',
      'model',
    ])
    expect(relationOf(narrow, { ...layer, baseline: false })).toBe('layer')
    expect(orderedPairs(numbers)).toHaveLength(6)
  })
  test('have means by that, over the pairs that are known, beside the baselines of the same pairs', () => {
    const [width, other] = byRelation(numbers)
    expect(width).toMatchObject({ relation: 'width', pairs: 2, mcs: 0.7, mcsRandom: 0.35, pearson: 0.7 })
    expect(other).toMatchObject({ relation: 'model', pairs: 4, mcs: null, mcsRandom: null, pearson: 0.25 })
  })
  test('are drawn against what they differ in', () => {
    expect(alongs(numbers).map(({ along }) => along)).toEqual(['ratio', 'width'])
    expect(alongs({ ...numbers, saes: [narrow, layer, seed] }).map(({ along }) => along)).toEqual(['layer'])
  })
})

describe('a table of pairs', () => {
  test('is shown as measured, as chance gives it, or as what is above that', () => {
    expect(pairTable(numbers, 'mcs', 'above')[1][0]).toBeCloseTo(0.5)
    expect(pairTable(numbers, 'mcs', 'above')[0]).toEqual([null, expect.closeTo(0.2), null])
    expect(pairTable(numbers, 'mcs', 'random')[2]).toEqual([null, null, 0.2])
    expect(meanRandom(numbers, 'mcs')).toBeCloseTo(0.35)
  })
  test('has one scale for values and baselines, in tenths, without what is compared with itself', () => {
    expect(scaleOf(numbers, 'pearson', 'value')).toEqual([0.1, 0.8])
    expect(scaleOf(numbers, 'pearson', 'random')).toEqual([0.1, 0.8])
  })
  test('says both directions of a pair', () => {
    expect(pairSaid(numbers, 'mcs', 0, 1)).toBe(
      'wide looked for in narrow: 0.500 (random directions 0.300); narrow in wide: 0.900',
    )
    expect(pairSaid(numbers, 'mcs', 0, 2)).toContain('wide looked for in model: not known')
  })
  test('stands in order of model, layer and width, baselines last, in groups', () => {
    const { order, groups } = axisOrder([layer, wide, model, narrow], 'place')
    expect(order).toEqual([3, 1, 2, 0])
    expect(groups.map(({ from, count }) => [from, count])).toEqual([[0, 2], [2, 1], [3, 1]]) // prettier-ignore
    expect(axisOrder([wide, narrow], 'place').groups).toEqual([])
    expect(axisOrder([wide, narrow], 'chosen').order).toEqual([0, 1])
  })
  test('names SAEs so that they can be told apart', () => {
    const hook = 'blocks.1.hook_resid_pre'
    const named = [sae(`k8 · ${hook}`), sae(`k8 · ${hook}`, { modelName: 'other' }), narrow]
    expect(drawnNames(named, true)).toEqual(['k8', 'k8', 'narrow'])
    expect(drawnNames(named, false)).toEqual([`k8 · ${hook} · m`, `k8 · ${hook} · other`, 'narrow'])
  })
})

describe('densities over each other', () => {
  const density = { from: -1, width: 0.25, counts: [2, 4, 0, 0] }
  test('are shares of all features at the middles of the bins, down to 0 on both sides', () => {
    const [line] = densityLines([{ ...narrow, density }, layer], 'width')
    expect(line.x).toEqual([-1.125, -0.875, -0.625, -0.375])
    expect(line.y).toEqual([0, 0.25, 0.5, 0])
  })
  test('of more than eight SAEs are means of their groups', () => {
    const many = Array.from({ length: 9 }, (_, i) =>
      sae(`n${i}`, { density: i < 5 ? density : { ...density, counts: [8, 0, 0, 0] } }),
    )
    const [line] = densityLines(many, 'width')
    expect(line.label).toBe('8 features')
    expect(line.y[1]).toBeCloseTo((5 * 0.25 + 4 * 1) / 9)
  })
  test('are grouped by what the SAEs differ in', () => {
    expect(groupings([narrow, wide]).map(({ group }) => group)).toEqual(['width'])
    expect(groupings([narrow, seed]).map(({ group }) => group)).toEqual(['width'])
    expect(grouped([wide, layer, narrow], 'layer').map(({ name }) => name)).toEqual(['layer 1', 'layer 3'])
  })
})
