import { describe, expect, test } from 'vitest'
import { activationSimilarity } from '../../../src-main/compare/activation-similarity.ts'
import { AddedEffect } from '../../../src-main/compare/added-effect.ts'
import { countedTokens, evaluationBatches } from '../../../src-main/compare/evaluation-tokens.ts'
import { QualitySums } from '../../../src-main/compare/quality.ts'
import { firstMatches, NO_MATCH } from '../../../src-main/compare/ranked-lists.ts'
import { byFeature, shuffledTokens, TokenCodes } from '../../../src-main/compare/token-codes.ts'
import { maskedCosineOf, pearson, pearsonOf } from '../../../src-main/math/correlation.ts'
import { seededRandom } from '../../../src-main/math/random.ts'
import { residualAfter, singleDelta, sumOfSquares } from '../../../src-main/math/stitching.ts'
import type { SparseCodes } from '../../../src-main/sae/weights.ts'

/** Codes from a dense [tokens][features] table. */
const codesOf = (table: number[][]): SparseCodes => {
  const entries = table.flatMap((row) => row.flatMap((value, j) => (value > 0 ? [[j, value]] : [])))
  let count = 0
  const start = Uint32Array.of(0, ...table.map((row) => (count += row.filter((v) => v > 0).length)))
  const column = (c: number): number[] => entries.map((e) => e[c])
  return {
    rows: table.length,
    start,
    feature: Uint32Array.from(column(0)),
    value: Float32Array.from(column(1)),
  }
}
const columnOf = (table: number[][], j: number): number[] => table.map((row) => row[j])
const randomTable = (tokens: number, features: number, seed: number): number[][] => {
  const random = seededRandom(seed)
  return Array.from({ length: tokens }, () =>
    Array.from({ length: features }, () => (random() < 0.3 ? Math.fround(random()) : 0)),
  )
}

describe('the tokens that count', () => {
  const set = { tokens: 10, contextSize: 4, rows: 3, hasTokens: true, dIn: 1 }
  const reader = {
    set,
    read: (from: number, count: number, out = new Float32Array(count)) => {
      for (let t = 0; t < count; t++) out[t] = from + t
      return out
    },
  }
  const read = (request: { tokens: number; skipPosition0: boolean }, batch: number, fromBatch = 0) => {
    const seen: number[] = []
    for (const { x, token } of evaluationBatches(reader, request, batch, fromBatch)) {
      expect([...x]).toEqual([...token])
      seen.push(...x)
    }
    return seen
  }

  test('leave position 0 of every row out, and are counted beforehand', () => {
    const request = { tokens: 100, skipPosition0: true }
    expect(read(request, 3)).toEqual([1, 2, 3, 5, 6, 7, 9])
    expect(countedTokens(set, request)).toBe(7)
  })

  test('are at most as many as asked for', () => {
    expect(read({ tokens: 4, skipPosition0: true }, 3)).toEqual([1, 2, 3, 5])
    expect(countedTokens(set, { tokens: 4, skipPosition0: true })).toBe(4)
    expect(read({ tokens: 100, skipPosition0: false }, 4).length).toBe(10)
  })

  test('are all there where there are no rows to speak of', () => {
    const request = { tokens: 100, skipPosition0: true }
    expect(countedTokens({ ...set, contextSize: 1, rows: 10 }, request)).toBe(10)
    const oneRow = { ...set, contextSize: 10, rows: 1 }
    expect(countedTokens({ ...oneRow, hasTokens: false }, request)).toBe(10)
    expect(countedTokens(oneRow, request)).toBe(9)
  })

  test('go on from a batch as if all before had been read', () => {
    expect(read({ tokens: 100, skipPosition0: true }, 3, 2)).toEqual([6, 7, 9])
  })
})

describe('codes of many batches', () => {
  const table = randomTable(9, 5, 1)
  test('are one run of tokens, and the same by feature', () => {
    const gathered = new TokenCodes()
    for (let t = 0; t < 9; t += 4) gathered.append(codesOf(table.slice(t, t + 4)))
    expect(gathered.all()).toEqual(codesOf(table))
    const firing = byFeature(gathered.all(), 5)
    for (let j = 0; j < 5; j++) {
      const [from, to] = [firing.start[j], firing.start[j + 1]]
      const fires = columnOf(table, j).flatMap((a, t) => (a > 0 ? [[t, a]] : []))
      expect([...firing.token.subarray(from, to)]).toEqual(fires.map(([t]) => t))
      expect([...firing.value.subarray(from, to)]).toEqual(fires.map(([, a]) => a))
    }
  })

  test('that are too many are refused with a sentence', () => {
    expect(() => new TokenCodes(3).append(codesOf(table))).toThrow(/more than 3 numbers/)
  })
})

describe('activation similarity', () => {
  test('of two columns by the definition is the one from sums', () => {
    const [x, y] = [
      [1, 0, 2, 0],
      [0, 1, 3, 0],
    ]
    expect(pearsonOf(x, y)).toBeCloseTo(12 / Math.sqrt(11 * 24), 12)
    const sums = { tokens: 4, sumX: 3, sumXX: 5, sumY: 4, sumYY: 10, sumXY: 6 }
    expect(pearson(sums)).toBeCloseTo(12 / Math.sqrt(11 * 24), 12)
    expect(pearson({ ...sums, sumX: 0, sumXX: 0 })).toBeNaN()
  })

  test('masked cosine looks only at tokens where the first fires', () => {
    expect(maskedCosineOf([1, 0, 1], [1, 7, 0])).toBeCloseTo(Math.SQRT1_2, 12)
    expect(maskedCosineOf([1, 0], [0, 1])).toBeNaN()
  })

  const [x, y] = [randomTable(60, 7, 2), randomTable(60, 9, 3)]
  for (const row of x) row[4] = 0 // never fires
  for (const [measure, plain] of [
    ['pearson', pearsonOf],
    ['masked-cosine', maskedCosineOf],
  ] as const)
    test(`${measure}: ranked as by the definition over all pairs`, () => {
      const best = activationSimilarity(codesOf(x), 7, codesOf(y), 9, { k: 3, measure })
      for (let i = 0; i < 7; i++) {
        const all = Array.from({ length: 9 }, (_, j) => plain(columnOf(x, i), columnOf(y, j)))
        const ranked = [...all.keys()].filter((j) => !Number.isNaN(all[j])).sort((p, q) => all[q] - all[p])
        const want = i === 4 ? [-1, -1, -1] : ranked.slice(0, 3)
        expect([...best.feature.subarray(3 * i, 3 * i + 3)]).toEqual(want)
        want.forEach((j, n) => expect(best.value[3 * i + n]).toBeCloseTo(j < 0 ? NO_MATCH : all[j], 6))
      }
    })

  test('features that never fire together correlate negatively, and still have a best match', () => {
    const alone = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 2],
      [0, 1, 0],
    ]
    const first = alone.map((row) => [row[0]])
    const rest = alone.map((row) => [row[1], row[2]])
    const best = firstMatches(
      activationSimilarity(codesOf(first), 1, codesOf(rest), 2, { k: 1, measure: 'pearson' }),
    )
    expect(best.feature[0]).toBe(1)
    expect(best.value[0]).toBeCloseTo(pearsonOf(columnOf(first, 0), columnOf(rest, 1)), 6)
  })
})

test('the effect of adding each feature is that of really adding it', () => {
  const [tokens, d] = [12, 4]
  const random = seededRandom(7)
  const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, () => random() - 0.5)
  const residual = numbers(tokens * d)
  const donor = { decoder: numbers(5 * d), dIn: d, dSae: 5 }
  const table = randomTable(tokens, 5, 9)
  const effect = new AddedEffect(donor)
  for (const [from, to] of [
    [0, 5],
    [5, tokens],
  ])
    effect.take(residual.subarray(from * d, to * d), codesOf(table.slice(from, to)))
  const rows = { data: residual, rows: tokens, d }
  for (let j = 0; j < 5; j++) {
    const feature = {
      activations: columnOf(table, j),
      decoder: { data: donor.decoder, rows: 5, d },
      row: j,
      sign: 1 as const,
    }
    const really = sumOfSquares(residualAfter(rows, [feature])) - sumOfSquares(residual)
    expect(singleDelta(rows, feature)).toBeCloseTo(really, 10)
    expect(effect.deltaSse[j]).toBeCloseTo(really, 6)
  }
})

test('quality of a reconstruction, by hand', () => {
  const sums = new QualitySums({ dIn: 2, dSae: 3 })
  const codes = codesOf([
    [1, 0, 2],
    [0, 0, 1],
  ])
  sums.take(Float32Array.of(1, 2, 3, 6), Float32Array.of(0, 1, 1, 1), codes)
  // mean (2, 4): deviation 1 + 4 + 1 + 4; error 3
  expect(sums.quality()).toEqual({ mse: 1.5, l0: 1.5, explainedVariance: 0.7, dead: 1, tokens: 2 })
  expect([...sums.density()]).toEqual([0.5, 0, 1])
})

describe('tokens shuffled, for what chance would give', () => {
  const random = seededRandom(9)
  const table = Array.from({ length: 500 }, () => {
    const on = random() < 0.3
    return [on ? 1 + random() : 0, random() < 0.2 ? random() : 0]
  })
  const codes = codesOf(table)
  const shuffled = shuffledTokens(codes, seededRandom(1))

  test('every feature keeps its activations, on other tokens', () => {
    const [before, after] = [byFeature(codes, 2), byFeature(shuffled, 2)]
    expect(after.start).toEqual(before.start)
    expect(after.value.toSorted()).toEqual(before.value.toSorted())
    expect(after.token).not.toEqual(before.token)
  })

  test('a feature no longer correlates with itself', () => {
    const best = (y: SparseCodes): number =>
      activationSimilarity(codes, 2, y, 2, { k: 1, measure: 'pearson' }).value[0]
    expect(best(codes)).toBeCloseTo(1, 5)
    expect(Math.abs(best(shuffled))).toBeLessThan(0.2)
  })
})
