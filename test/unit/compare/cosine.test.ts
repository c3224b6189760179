import { describe, expect, test } from 'vitest'
import { decoderCosine, unitRows } from '../../../src-main/compare/decoder-cosine.ts'
import { EdgeList } from '../../../src-main/compare/edge-list.ts'
import { firstMatches } from '../../../src-main/compare/ranked-lists.ts'
import { cosine, maxCosine, nullMaxCosine } from '../../../src-main/math/cosine.ts'
import { randomDirections, seededRandom } from '../../../src-main/math/random.ts'

const directions = (rows: number[][]) => ({
  decoder: Float32Array.from(rows.flat()),
  dSae: rows.length,
  dIn: rows[0].length,
})
const a = directions([
  [2, 0, 0],
  [0, 3, 4],
  [0, 0, 0],
])
const b = directions([
  [0, 5, 0],
  [1, 1, 0],
  [0, 3, 4],
  [-1, 0, 0],
])

describe('the plain reference', () => {
  const rows = { data: [1, 0, 1, 1, 0, 0], rows: 3, d: 2 }
  test('the cosine of (1, 0) and (1, 1) is 1/√2, that of the zero vector with anything 0', () => {
    expect(cosine(rows, 0, rows, 1)).toBeCloseTo(Math.SQRT1_2, 15)
    expect(cosine(rows, 0, rows, 2)).toBe(0)
  })

  test('max cosine names the first row where several are equally near', () => {
    const twice = { data: [1, 0, 2, 0], rows: 2, d: 2 }
    expect([...maxCosine(twice, twice).argmax]).toEqual([0, 0])
  })

  test('the null line is the published one at d = 768, and exact where it can be worked out by hand', () => {
    expect(nullMaxCosine(768, 768)).toBeCloseTo(0.114, 3)
    expect(nullMaxCosine(768, 49_152)).toBeCloseTo(0.152, 3)
    // In three dimensions a cosine is uniform on [−1, 1]: the largest of n has the mean (n − 1)/(n + 1).
    expect(nullMaxCosine(3, 1)).toBeCloseTo(0, 8)
    expect(nullMaxCosine(3, 2)).toBeCloseTo(1 / 3, 8)
    expect(nullMaxCosine(3, 9)).toBeCloseTo(0.8, 7)
  })

  test('the null line is what random directions give', () => {
    const d = 16
    const rows = (count: number, seed: number) => ({
      data: randomDirections(count, d, 1, seededRandom(seed)),
      rows: count,
      d,
    })
    expect(maxCosine(rows(400, 1), rows(200, 2)).mean).toBeCloseTo(nullMaxCosine(d, 200), 2)
  })
})

describe('edges', () => {
  test('come out by cosine, largest first, equal ones in the order they came', () => {
    const list = new EdgeList(0.5)
    for (const [i, c] of [0.75, 0.5, 1, 0.75, 0.625].entries()) list.push(i, 10 + i, c)
    const { a, b, cosine } = list.sorted()
    expect([...a]).toEqual([2, 0, 3, 4])
    expect([...b]).toEqual([12, 10, 13, 14])
    expect([...cosine]).toEqual([1, 0.75, 0.75, 0.625])
  })

  test('that do not fit push out the weaker half, and the floor says so', () => {
    const list = new EdgeList(0, 4096)
    for (let i = 0; i < 4097; i++) list.push(i, 0, (i + 1) / 8192)
    expect(list.floor).toBe(2049 / 8192)
    const { cosine } = list.sorted()
    expect(cosine.length).toBe(2048)
    expect(cosine[0]).toBe(4097 / 8192)
  })
})

describe('decoder cosine of all pairs', () => {
  test('normalises rows and leaves zero rows zero', () => {
    expect([...unitRows(a)].map((v) => Math.fround(v))).toEqual(
      [1, 0, 0, 0, 0.6, 0.8, 0, 0, 0].map((v) => Math.fround(v)),
    )
  })

  test('by hand: the best matches both ways and the edges above the floor', async () => {
    const { aToB, bToA, edges } = await decoderCosine(a, b, { k: 2, floor: 0.5 })
    expect([...aToB.feature]).toEqual([1, 0, 2, 0, 0, 1])
    expect(aToB.value[0]).toBeCloseTo(Math.SQRT1_2, 6)
    expect([...bToA.feature.slice(0, 6)]).toEqual([1, 0, 0, 1, 1, 0])
    expect([...edges.a]).toEqual([1, 0, 1])
    expect([...edges.b]).toEqual([2, 1, 0])
    expect(edges.cosine[2]).toBeCloseTo(0.6, 6)
  })

  test('a smaller SAE than k leaves places empty', async () => {
    const one = directions([[1, 0, 0]])
    const { aToB } = await decoderCosine(a, one, { k: 2, floor: 0 })
    expect([...aToB.feature]).toEqual([0, -1, 0, -1, 0, -1])
  })

  test('over several tiles it is the plain reference', async () => {
    const d = 8
    const make = (dSae: number, seed: number) => ({
      decoder: randomDirections(dSae, d, 2, seededRandom(seed)),
      dSae,
      dIn: d,
    })
    const [left, right] = [make(700, 3), make(4500, 4)]
    const plain = (x: typeof left, y: typeof left) =>
      maxCosine({ data: x.decoder, rows: x.dSae, d }, { data: y.decoder, rows: y.dSae, d })
    const found = await decoderCosine(left, right, { k: 3, floor: 0.9 })
    for (const [best, want] of [
      [firstMatches(found.aToB), plain(left, right)],
      [firstMatches(found.bToA), plain(right, left)],
    ] as const) {
      want.value.forEach((v, i) => expect(Math.abs(best.value[i] - v)).toBeLessThan(1e-6))
      const other = [...best.feature].filter((f, i) => f !== want.argmax[i])
      expect(other.length).toBeLessThan(3) // float32 may turn a near tie
    }
    let above = 0
    for (let i = 0; i < left.dSae; i++)
      for (let j = 0; j < right.dSae; j++)
        above += +(
          cosine({ data: left.decoder, rows: 700, d }, i, { data: right.decoder, rows: 4500, d }, j) > 0.9
        )
    expect(Math.abs(found.edges.cosine.length - above)).toBeLessThan(3)
  })
})
