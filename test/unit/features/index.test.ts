import { afterEach, describe, expect, test } from 'vitest'
import { createCodesFile } from '../../../src-main/features/codes-file.ts'
import { activationHistogram, intervalExamples, topExamples } from '../../../src-main/features/examples.ts'
import { openIndex, type IndexReader } from '../../../src-main/features/index-reader.ts'
import { ABOVE_NORM, AT_POSITION_0, COUNTED, IndexWriter } from '../../../src-main/features/index-writer.ts'
import { codesOf, randomCodes, workspaceWithIndex } from './fakes.ts'

const TOKENS = 900
const FEATURES = 7
const CONTEXT = 30
const dense = randomCodes(TOKENS, FEATURES)
const why = Uint8Array.from({ length: TOKENS }, (_, t) =>
  t % CONTEXT === 0 ? AT_POSITION_0 : t % 101 === 0 ? ABOVE_NORM : COUNTED,
)
/** What fires where, over the counted tokens, by looking at every token. */
const firings = (feature: number): { token: number; value: number }[] =>
  dense.flatMap((row, token) =>
    why[token] === COUNTED && row[feature] > 0 ? [{ token, value: row[feature] }] : [],
  )

const cleanUp: (() => void)[] = []
afterEach(() => cleanUp.splice(0).forEach((f) => f()))

/** Writes all tokens in batches of `batch`, committing after those in `commits`, each time as a new process would. */
function indexed(batch: number, commitEvery: number): IndexReader {
  const { workspace, index } = workspaceWithIndex(TOKENS, FEATURES)
  const path = workspace.codesFile(index.id)
  let file = createCodesFile(path, FEATURES, 1)
  let writer = new IndexWriter(file)
  for (let from = 0, n = 1; from < TOKENS; from += batch, n++) {
    writer.add(codesOf(dense.slice(from, from + batch)), why.subarray(from, from + batch))
    if (n % commitEvery !== 0) continue
    workspace.indexes.update(index.id, writer.commit())
    file.db.close()
    file = createCodesFile(path, FEATURES, 1)
    writer = new IndexWriter(file)
    expect(writer.nextToken).toBe(Math.min(from + batch, TOKENS))
  }
  workspace.indexes.update(index.id, writer.commit())
  file.db.close()
  const reader = openIndex(workspace, index.id)
  cleanUp.push(() => (reader.close(), workspace.close()))
  return reader
}

describe('an index over a few hundred tokens', () => {
  test('counts the tokens that count, and knows which were left out for their norm', () => {
    const reader = indexed(100, 100)
    expect(reader.index.tokens).toBe(TOKENS)
    expect(reader.index.countedTokens).toBe(why.filter((w) => w === COUNTED).length)
    expect(reader.leftOut(0, TOKENS)).toEqual([...why.keys()].filter((t) => why[t] === ABOVE_NORM))
  })

  test('has every firing of every feature, exactly', () => {
    const reader = indexed(64, 3)
    for (let j = 0; j < FEATURES; j++) {
      const { token, value } = reader.postings(j)
      expect(Array.from(token, (t, i) => ({ token: t, value: value[i] }))).toEqual(firings(j))
    }
  })

  test('has the statistics of a count over all tokens, to the last bit', () => {
    const { statistics } = indexed(64, 2)
    for (let j = 0; j < FEATURES; j++) {
      const all = firings(j)
      expect(statistics.count[j]).toBe(all.length)
      expect(statistics.max[j]).toBe(Math.max(...all.map((e) => e.value)))
      expect(statistics.maxToken[j]).toBe(all.find((e) => e.value === statistics.max[j])?.token)
      expect(statistics.sum[j]).toBe(all.reduce((sum, e) => sum + e.value, 0))
      expect(statistics.sumOfSquares[j]).toBe(all.reduce((sum, e) => sum + e.value * e.value, 0))
    }
  })

  test('is the same however often it was interrupted', () => {
    const whole = indexed(900, 1)
    const pieces = indexed(60, 1)
    expect(pieces.statistics).toEqual(whole.statistics)
    for (let j = 0; j < FEATURES; j++) expect(pieces.postings(j)).toEqual(whole.postings(j))
    for (let t = 0; t < TOKENS; t++) expect(pieces.sketched(t)).toEqual(whole.sketched(t))
  })

  test('forgets what was added after the last commit', () => {
    const { workspace, index } = workspaceWithIndex(TOKENS, FEATURES)
    const file = createCodesFile(workspace.codesFile(index.id), FEATURES, 1)
    const writer = new IndexWriter(file)
    writer.add(codesOf(dense.slice(0, 50)), why.subarray(0, 50))
    writer.commit()
    writer.add(codesOf(dense.slice(50, 80)), why.subarray(50, 80))
    expect(new IndexWriter(file).nextToken).toBe(50)
    file.db.close()
    workspace.close()
  })

  test('names the features that fire on each token of its sketch', () => {
    const reader = indexed(100, 2)
    const fires = (t: number): number[] => dense[t].flatMap((a, j) => (a > 0 ? [j] : []))
    for (let t = 0; t < TOKENS; t++)
      expect(reader.sketched(t) && [...reader.sketched(t)!]).toEqual(
        why[t] === COUNTED ? fires(t) : undefined,
      )
  })

  test('refuses a feature that the SAE has not', () => {
    expect(() => indexed(100, 100).postings(FEATURES)).toThrow('this SAE has features 0 to 6')
  })

  test('finds tokens in the parts it was made from', () => {
    const { workspace, index } = workspaceWithIndex(0, 1, [100, 50])
    createCodesFile(workspace.codesFile(index.id), 1, 1).db.close()
    const reader = openIndex(workspace, index.id)
    expect(reader.place(99)).toEqual({ part: index.parts[0], tokenInSet: 99 })
    expect(reader.place(100)).toEqual({ part: index.parts[1], tokenInSet: 0 })
    expect(() => reader.place(150)).toThrow('token 150')
    reader.close()
    workspace.close()
  })
})

describe('examples', () => {
  test('the top ones are the strongest of all tokens; of equal ones the earlier', () => {
    const reader = indexed(90, 4)
    for (let j = 0; j < FEATURES; j++) {
      const ranked = firings(j).sort((a, b) => b.value - a.value || a.token - b.token)
      expect(topExamples(reader.postings(j), 20)).toEqual(ranked.slice(0, 20))
    }
  })

  test('one of each row: the strongest of it', () => {
    const rowOf = (token: number): number => Math.floor(token / CONTEXT)
    const ranked = firings(2).sort((a, b) => b.value - a.value || a.token - b.token)
    const expected = ranked.filter((e, i) => ranked.findIndex((o) => rowOf(o.token) === rowOf(e.token)) === i)
    expect(topExamples(indexed(90, 4).postings(2), 12, rowOf)).toEqual(expected.slice(0, 12))
  })

  test('intervals are of equal width, from the strongest down, and together hold every firing', () => {
    const reader = indexed(90, 4)
    const max = reader.statistics.max[1]
    const intervals = intervalExamples(reader.postings(1), max)
    expect(intervals).toHaveLength(10)
    expect(intervals[0].to).toBe(max)
    expect(intervals.reduce((sum, i) => sum + i.count, 0)).toBe(reader.statistics.count[1])
    for (const { from, to, count, examples } of intervals) {
      expect(examples).toHaveLength(Math.min(5, count))
      for (const { token, value } of examples) {
        expect(value).toBe(dense[token][1])
        expect(value).toBeGreaterThanOrEqual(from - 1e-12)
        expect(value).toBeLessThanOrEqual(to + 1e-12)
      }
    }
  })

  test('a histogram of 50 bins holds every firing; the strongest is in the last bin', () => {
    const postings = { token: Uint32Array.of(1, 2, 3, 4), value: Float32Array.of(0.01, 1, 1.99, 2) }
    const histogram = activationHistogram(postings, 2)
    expect([histogram[0], histogram[25], histogram[49]]).toEqual([1, 1, 2])
    expect(histogram.reduce((a, b) => a + b)).toBe(4)
  })
})
