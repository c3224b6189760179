import { describe, expect, test } from 'vitest'
import { matchByCosine, matchByPearson, matchCandidates } from '../../../src-main/compare/matching.ts'
import { decoderCosine } from '../../../src-main/compare/decoder-cosine.ts'
import { sparseMap } from '../../../src-main/compare/sparse-map.ts'
import { ridgeRegression } from '../../../src-main/math/least-squares.ts'
import { explained, lasso } from '../../../src-main/math/sparse-regression.ts'
import { normal, randomDirections, seededRandom } from '../../../src-main/math/random.ts'
import { codesOf } from '../features/fakes.ts'

const silent = (): void => {}
const sae = (dSae: number, dIn: number, seed: number) => ({
  dSae,
  dIn,
  decoder: randomDirections(dSae, dIn, 3, seededRandom(seed)),
})

describe('matching two dictionaries one-to-one', () => {
  const wide = sae(30, 6, 1)
  const order = [4, 20, 7, 11, 0]
  const few = {
    dSae: 5,
    dIn: 6,
    decoder: Float32Array.from(order.flatMap((j) => [...wide.decoder.subarray(j * 6, j * 6 + 6)])),
  }

  test('finds features again in a wider dictionary, and says how random directions would do', async () => {
    const { bOfA, weight, mean, randomMean, randomWeight, allPairs } = await matchByCosine(
      few,
      wide,
      4,
      silent,
    )
    expect([...bOfA]).toEqual(order)
    for (const w of weight) expect(w).toBeCloseTo(1, 5)
    expect(mean).toBeCloseTo(1, 5)
    expect(randomMean).toBeGreaterThan(0.3)
    expect(randomMean).toBeLessThan(0.95)
    expect(allPairs).toBe(true)
    expect(randomWeight).toHaveLength(5)
    expect(randomWeight!.reduce((sum, w) => sum + w, 0) / 5).toBeCloseTo(randomMean!, 6)
  })

  test('the other way round leaves the many without a partner', async () => {
    const { bOfA } = await matchByCosine(wide, few, 4, silent)
    expect([...bOfA.keys()].filter((a) => bOfA[a] >= 0)).toEqual([...order].sort((p, q) => p - q))
    expect(bOfA[20]).toBe(1)
  })

  test('among all candidates it is the matching of all pairs, as far as weights are positive', async () => {
    const other = sae(25, 6, 2)
    const { aToB, bToA } = await decoderCosine(other, wide, { k: 30, floor: 1 })
    const sparse = matchCandidates(aToB, bToA, silent)
    const dense = await matchByCosine(other, wide, 30, silent)
    const total = (weights: Float32Array): number => weights.reduce((sum, w) => sum + w, 0)
    expect(total(sparse.weight)).toBeCloseTo(total(dense.weight), 4)
    expect(sparse.allPairs).toBe(false)
  })

  test('by correlation, a feature without candidates stays alone', () => {
    const aToB = { k: 1, value: Float32Array.of(0.9, -2), feature: Int32Array.of(0, -1) }
    const bToA = { k: 1, value: Float32Array.of(0.9), feature: Int32Array.of(0) }
    const { bOfA, mean, randomMean } = matchByPearson({ aToB, bToA }, null, silent)
    expect([...bOfA]).toEqual([0, -1])
    expect(mean).toBeCloseTo(0.9, 6)
    expect(randomMean).toBeNull()
  })

  test('by correlation, what chance matches stands beside it', () => {
    const lists = (r: number) => ({ k: 1, value: Float32Array.of(r), feature: Int32Array.of(0) })
    const [found, byChance] = [0.9, 0.1].map((r) => ({ aToB: lists(r), bToA: lists(r) }))
    const { mean, randomMean, randomWeight } = matchByPearson(found, byChance, silent)
    expect([mean, randomMean]).toEqual([Math.fround(0.9), Math.fround(0.1)])
    expect([...randomWeight!]).toEqual([Math.fround(0.1)])
  })
})

describe('a sparse map', () => {
  test('lasso by hand: uncorrelated predictors shrink by the penalty', () => {
    const w = lasso([1, 0, 0, 1], [0.6, -0.1], 0.2)
    expect([...w]).toEqual([0.6 - 0.2, -0])
    expect(explained([1, 0, 0, 1], [0.6, -0.1], w)).toBeCloseTo(2 * 0.4 * 0.6 - 0.16, 12)
  })

  test('lasso meets its optimality conditions', () => {
    const [n, penalty, random] = [6, 0.1, seededRandom(3)]
    const columns = Array.from({ length: n + 1 }, () => Array.from({ length: 50 }, () => normal(random)))
    columns[n] = columns[n].map((v, t) => v + columns[0][t] - 2 * columns[1][t])
    const unit = columns.map((c) => c.map((v) => v / Math.hypot(...c)))
    const dot = (x: number[], y: number[]): number => x.reduce((sum, v, t) => sum + v * y[t], 0)
    const r = unit.slice(0, n).flatMap((x) => unit.slice(0, n).map((y) => dot(x, y)))
    const s = unit.slice(0, n).map((x) => dot(x, unit[n]))
    const w = lasso(r, s, penalty)
    for (let i = 0; i < n; i++) {
      let gradient = s[i]
      for (let j = 0; j < n; j++) gradient -= r[i * n + j] * w[j]
      if (w[i] !== 0) expect(gradient).toBeCloseTo(penalty * Math.sign(w[i]), 5)
      else expect(Math.abs(gradient)).toBeLessThanOrEqual(penalty + 1e-6)
    }
  })

  const random = seededRandom(5)
  const table = Array.from({ length: 400 }, () =>
    Array.from({ length: 6 }, () => (random() < 0.4 ? Math.fround(random()) : 0)),
  )
  // Feature 0 of B is twice feature 2 of A plus feature 5; feature 1 never fires.
  const target = table.map((row) => [Math.fround(2 * row[2] + row[5]), 0])
  const [a, b] = [codesOf(table), codesOf(target)]

  test('finds the features a feature is made of, and their weights', () => {
    const map = sparseMap(a, 6, b, 2, { kind: 'lasso', penalty: 0.01, candidates: 6 })
    expect(map.r2[0]).toBeGreaterThan(0.99)
    expect([...map.predictor.subarray(0, 3)]).toEqual([2, 5, -1])
    expect(map.nonZeros[0]).toBe(2)
    expect(map.weight[0]).toBeCloseTo(2, 1)
    expect(map.weight[1]).toBeCloseTo(1, 1)
    expect(map.r2[1]).toBeNaN()
    expect(map.meanR2).toBe(map.r2[0])
  })

  test('is the same whether products are summed at once or as they are asked for', () => {
    const settings = { kind: 'lasso', penalty: 0.01, candidates: 4 } as const
    const once = sparseMap(a, 6, b, 2, settings)
    const asked = sparseMap(a, 6, b, 2, { ...settings, mostAtOnce: 0 })
    expect(asked.predictor).toEqual(once.predictor)
    asked.weight.forEach((w, n) => expect(w).toBeCloseTo(once.weight[n], 6))
  })

  test('ridge with next to no penalty is least squares about the means', () => {
    const map = sparseMap(a, 6, b, 2, { kind: 'ridge', penalty: 0, candidates: 3 })
    const chosen = [...map.predictor.subarray(0, 3)]
    const centre = (column: number[]): number[] => {
      const mean = column.reduce((sum, v) => sum + v, 0) / column.length
      return column.map((v) => v - mean)
    }
    const columns = chosen.map((j) => centre(table.map((row) => row[j])))
    const x = table.flatMap((_, t) => columns.map((column) => column[t]))
    const y = centre(target.map((row) => row[0]))
    const want = ridgeRegression(x, y, 3, 1, 0)
    want.forEach((w, n) => expect(map.weight[n]).toBeCloseTo(w, 4))
  })
})
