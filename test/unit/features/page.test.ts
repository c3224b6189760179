import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FeatureIndex } from '#contract/feature-index.ts'
import { createCodesFile } from '../../../src-main/features/codes-file.ts'
import { coFiring } from '../../../src-main/features/co-firing.ts'
import { featurePage } from '../../../src-main/features/feature-page.ts'
import { FeatureSources } from '../../../src-main/features/feature-sources.ts'
import { firingOn } from '../../../src-main/features/firing-on.ts'
import { openIndex, type IndexReader } from '../../../src-main/features/index-reader.ts'
import { AT_POSITION_0, COUNTED, IndexWriter } from '../../../src-main/features/index-writer.ts'
import { hashToken, sketchRate } from '../../../src-main/features/sketch.ts'
import { tokenWindows } from '../../../src-main/features/windows.ts'
import type { Workspace } from '../../../src-main/store/workspace.ts'
import { codesOf, putActivations, randomCodes, workspaceWithIndex } from './fakes.ts'

const CONTEXT = 10
const ROWS = 20
const FEATURES = 6
const TOKENS = CONTEXT * ROWS
const dense = randomCodes(TOKENS, FEATURES, 3)
for (let row = 0; row < ROWS; row++) dense[row * CONTEXT].fill(0) // position 0 is left out, and so as if it were silent
const counted = TOKENS - ROWS

let workspace: Workspace
let index: FeatureIndex
let reader: IndexReader
let sources: FeatureSources

function build(rate: number): void {
  ;({ workspace, index } = workspaceWithIndex(TOKENS, FEATURES))
  putActivations(workspace, {
    id: index.parts[0].activationSetId,
    ids: Array.from({ length: TOKENS }, (_, t) => 1000 + t),
    contextSize: CONTEXT,
    name: 'stories',
  })
  const file = createCodesFile(workspace.codesFile(index.id), FEATURES, rate)
  const writer = new IndexWriter(file)
  const why = Uint8Array.from({ length: TOKENS }, (_, t) => (t % CONTEXT === 0 ? AT_POSITION_0 : COUNTED))
  writer.add(codesOf(dense), why)
  workspace.indexes.update(index.id, { ...writer.commit(), complete: true })
  file.db.close()
  sources = new FeatureSources(workspace)
  reader = openIndex(workspace, index.id)
}
beforeEach(() => build(1))
afterEach(() => (reader.close(), sources.close(), workspace.close()))

const column = (feature: number): number[] => dense.map((row) => row[feature])
const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0)

describe('the page of a feature', () => {
  const request = { feature: 2, top: 20, perInterval: 5, onePerRow: false, before: 3, after: 2 }

  test('says density, mean and maximum over the counted tokens', async () => {
    const { statistics } = await featurePage(sources, reader, request)
    const fires = column(2).filter((a) => a > 0)
    expect(statistics).toMatchObject({
      countedTokens: counted,
      count: fires.length,
      density: fires.length / counted,
      max: Math.max(...fires),
      mean: sum(fires) / counted,
      meanWhereFiring: sum(fires) / fires.length,
    })
  })

  test('shows the strongest tokens, each in its row, with the activation on every token around it', async () => {
    const { top } = await featurePage(sources, reader, request)
    const strongest = column(2).reduce((best, a, t, all) => (a > all[best] ? t : best), 0)
    expect(top[0].value).toBe(column(2)[strongest])
    expect(top[0].window).toMatchObject({
      token: strongest,
      row: Math.floor(strongest / CONTEXT),
      position: strongest % CONTEXT,
      source: 'stories',
    })
    for (const { value, window } of top) {
      const offset = window.token - window.first
      expect(window.activations[0][offset]).toBe(value)
      expect([...window.activations[0]]).toEqual(
        window.tokens.map((_, i) =>
          window.leftOut.includes(i) ? NaN : Math.fround(column(2)[window.first + i]),
        ),
      )
      expect(window.tokens[offset]).toBe(`⟨${1000 + window.token}⟩`)
      expect(Math.floor(window.first / CONTEXT)).toBe(window.row)
      expect(window.before + window.tokens.length + window.after).toBe(CONTEXT)
    }
  })

  test('intervals count every firing once, their shares add up to one', async () => {
    const page = await featurePage(sources, reader, request)
    expect(sum(page.intervals.map((i) => i.count))).toBe(page.statistics.count)
    expect(sum(page.intervals.map((i) => i.share))).toBeCloseTo(1, 12)
    expect(sum([...page.histogram])).toBe(page.statistics.count)
  })

  test('of a feature that never fires is empty, not wrong', async () => {
    dense.forEach((row) => (row[5] = 0))
    reader.close()
    workspace.close()
    build(1)
    const page = await featurePage(sources, reader, { ...request, feature: 5 })
    expect(page).toMatchObject({
      top: [],
      intervals: [],
      statistics: { count: 0, max: 0, density: 0, meanWhereFiring: null },
    })
  })

  test('says nothing of tokens beyond those that are indexed', async () => {
    const shown = { postings: reader.postings(0), indexedTokens: 52 }
    const [window] = await tokenWindows(sources, reader, [51], [shown], { before: 0, after: 2 })
    expect([...window.activations[0]]).toEqual([Math.fround(column(0)[51]), NaN, NaN])
  })

  test('marks position 0 as left out', async () => {
    const [window] = await tokenWindows(sources, reader, [51], [], { before: 5, after: 1 })
    expect(window).toMatchObject({ first: 50, position: 1, leftOut: [0], before: 0, after: 7 })
  })
})

describe('co-firing', () => {
  test('has exact counts, lift and Pearson correlation over the counted tokens', () => {
    const { features } = coFiring(reader, 2, 10)
    const others = features.map((f) => f.feature).sort()
    expect(others).toEqual([0, 1, 3, 4, 5].filter((j) => column(j).some((a, t) => a > 0 && column(2)[t] > 0)))
    const [a, T] = [column(2), counted]
    for (const { feature, together, lift, correlation } of features) {
      const b = column(feature)
      const both = a.filter((v, t) => v > 0 && b[t] > 0).length
      const fires = (c: number[]): number => c.filter((v) => v > 0).length
      const covariance = sum(a.map((v, t) => v * b[t])) / T - (sum(a) / T) * (sum(b) / T)
      const deviation = (c: number[]): number => Math.sqrt(sum(c.map((v) => v * v)) / T - (sum(c) / T) ** 2)
      expect(together).toBe(both)
      expect(lift).toBeCloseTo((both * T) / (fires(a) * fires(b)), 12)
      expect(correlation).toBeCloseTo(covariance / (deviation(a) * deviation(b)), 10)
    }
    expect(features.map((f) => f.correlation)).toEqual(
      features.map((f) => f.correlation).toSorted((x, y) => y - x),
    )
  })

  test('is the same from a sketch of a few tokens, which only chooses candidates', () => {
    const exact = coFiring(reader, 0, 10)
    reader.close()
    workspace.close()
    build(0.3)
    const sketched = coFiring(reader, 0, 10)
    expect(sketched.sampledTokens).toBeLessThan(exact.sampledTokens)
    expect(sketched.features).toEqual(exact.features)
  })

  test('looks at every feature where the sketch has too few of the tokens', () => {
    reader.close()
    workspace.close()
    build(1e-9)
    const { sampledTokens, features } = firingOn(reader, reader.postings(1))
    expect(sampledTokens).toBe(0)
    expect(features.find((f) => f.feature === 1)?.fires).toBe(reader.postings(1).token.length)
  })
})

describe('the sketch', () => {
  test('takes tokens by a hash that spreads them evenly', () => {
    const share = (rate: number): number =>
      Array.from({ length: 20_000 }, (_, t) => hashToken(t)).filter((h) => h < rate * 2 ** 32).length / 20_000
    expect(share(0.5)).toBeCloseTo(0.5, 1)
    expect(share(0.05)).toBeCloseTo(0.05, 2)
  })

  test('has one token in 16; a small index has none', () => {
    expect(sketchRate(10_000)).toBe(0)
    expect(sketchRate(3_100_000)).toBe(1 / 16)
  })
})
