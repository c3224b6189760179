import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRowProduct, type RowProduct } from '../../../src-main/compare/row-product.ts'
import { seededRandom } from '../../../src-main/math/random.ts'
import { setDelta, singleDelta } from '../../../src-main/math/stitching.ts'
import { residualOf } from '../../../src-main/compare/quality.ts'
import { Bench } from '../../../src-main/stitch/bench.ts'
import { combine } from '../../../src-main/stitch/combine.ts'
import { elementwiseForm } from '../../../src-main/stitch/elementwise-form.ts'
import { evaluationPart } from '../../../src-main/stitch/evaluation-builder.ts'
import { assemble, firingLists } from '../../../src-main/stitch/evaluation-set.ts'
import { madeActivations, madeSae, plainCodes, plainError } from './made.ts'

const [TOKENS, D, BASE, DONOR] = [60, 6, 9, 14]
const x = madeActivations(TOKENS, D, 1)
const base = elementwiseForm(madeSae(BASE, D, 2), null)
const donor = elementwiseForm(madeSae(DONOR, D, 3), null)
const part = (from: number, to: number) => {
  const rows = x.subarray(from * D, to * D)
  const token = Int32Array.from({ length: to - from }, (_, t) => from + t)
  return evaluationPart(base, donor, {
    x: rows,
    token,
    baseCodes: plainCodes(base, rows),
    donorCodes: plainCodes(donor, rows),
  })
}
const set = assemble([part(0, 25), part(25, TOKENS)], base, donor)

/** The error of really building the hybrid with these candidates. */
function built(inHybrid: Uint8Array): { sse: number; l0: number } {
  const of = (from: number, to: number): number[] =>
    [...inHybrid.subarray(from, to).keys()].filter((k) => inHybrid[from + k])
  const picked = [
    { weights: base, features: of(0, BASE) },
    { weights: donor, features: of(BASE, BASE + DONOR) },
  ]
  return plainError(combine(picked, base.bDec), x)
}
const after = (bench: Bench, toggles: readonly number[]): Uint8Array => {
  const changed = bench.inHybrid.slice()
  for (const k of toggles) changed[k] ^= 1
  return changed
}

let product: RowProduct
beforeAll(async () => {
  product = await openRowProduct(D)
})
afterAll(() => product.close())

describe('an evaluation set', () => {
  test('of two parts is that of one', () => {
    const whole = assemble([part(0, TOKENS)], base, donor)
    expect({ ...set, deviation: 0 }).toEqual({ ...whole, deviation: 0 })
    expect(set.deviation).toBeCloseTo(whole.deviation, 9)
  })

  test('knows where each candidate fires', () => {
    const { first, entry, token } = firingLists(set)
    for (let k = 0; k < BASE + DONOR; k++)
      for (let n = first[k]; n < first[k + 1]; n++) {
        expect(set.candidate[entry[n]]).toBe(k)
        const t = token[entry[n]]
        expect(entry[n]).toBeGreaterThanOrEqual(set.start[t])
        expect(entry[n]).toBeLessThan(set.start[t + 1])
      }
  })
})

describe('the bench', () => {
  test('begins as the base alone', () => {
    const want = plainError(base, x)
    const { mse, l0, features, parameters } = new Bench(set, product).metrics()
    expect(mse).toBeCloseTo(want.sse / TOKENS, 5)
    expect(l0).toBeCloseTo(want.l0, 12)
    expect([features, parameters]).toEqual([BASE, BASE * (2 * D + 1) + D])
  })

  test('says how many features an edit would over-predict, as making it does, and changes nothing', async () => {
    const bench = new Bench(set, product)
    const toggles = Int32Array.of(1, BASE, BASE + 3, BASE + 7)
    const promised = await bench.overPredictedAfter(toggles)
    expect(bench.overPredicted()).toBe(new Bench(set, product).overPredicted())
    await bench.toggle(toggles)
    expect(bench.overPredicted()).toBe(promised)
  })

  test('a count that is ended changes nothing', async () => {
    const bench = new Bench(set, product)
    let toggles = 0
    const between = (): void => {
      if (++toggles === 3) throw new Error('enough')
    }
    await expect(bench.overPredictedAfter(Int32Array.of(1, BASE, BASE + 3), between)).rejects.toThrow(
      'enough',
    )
    expect(bench.metrics()).toEqual(new Bench(set, product).metrics())
    expect(bench.effects()).toEqual(new Bench(set, product).effects())
  })

  test('knows the exact effect of every single change, as the reference and as really building it', () => {
    const bench = new Bench(set, product)
    const residual = residualOf(base, plainCodes(base, x), x)
    const { sse } = plainError(base, x)
    bench.effects().forEach((effect, k) => {
      const codes = k < BASE ? plainCodes(base, x) : plainCodes(donor, x)
      const own = k < BASE ? k : k - BASE
      const activations = new Float64Array(TOKENS)
      for (let t = 0; t < TOKENS; t++)
        for (let e = codes.start[t]; e < codes.start[t + 1]; e++)
          if (codes.feature[e] === own) activations[t] = codes.value[e]
      const delta = singleDelta(
        { data: residual, rows: TOKENS, d: D },
        {
          activations,
          decoder: { data: set.decoder, rows: BASE + DONOR, d: D },
          row: k,
          sign: k < BASE ? -1 : 1,
        },
      )
      expect(effect).toBeCloseTo(delta / TOKENS, 6)
      expect(effect).toBeCloseTo((built(after(bench, [k])).sse - sse) / TOKENS, 4)
    })
  })

  test('previews a set exactly: never the sum of the single effects', () => {
    const bench = new Bench(set, product)
    const toggles = [0, 3, 10, 11, 12, 20]
    const shown = bench.preview(Int32Array.from(toggles))
    const really = built(after(bench, toggles))
    expect(shown.mse).toBeCloseTo(really.sse / TOKENS, 5)
    expect(shown.l0).toBeCloseTo(really.l0, 12)
    expect(shown.features).toBe(BASE + 2)
    const singles = toggles.reduce((sum, k) => sum + bench.toggleDelta(k), 0)
    expect(Math.abs(singles / TOKENS - (shown.mse - bench.metrics().mse))).toBeGreaterThan(0.01)
    expect(bench.metrics()).toEqual(new Bench(set, product).metrics())
  })

  test('is exact after a hundred changes in any order, each of its effects too', async () => {
    const bench = new Bench(set, product)
    const random = seededRandom(8)
    const many = Int32Array.from({ length: 100 }, () => Math.floor(random() * (BASE + DONOR)))
    await bench.toggle(many)
    const really = built(bench.inHybrid)
    const { mse, l0, features } = bench.metrics()
    expect(mse).toBeCloseTo(really.sse / TOKENS, 5)
    expect(l0).toBeCloseTo(really.l0, 12)
    expect(features).toBe(bench.inHybrid.reduce((sum, n) => sum + n, 0))
    expect(bench.error.reduce((sum, e) => sum + e, 0) / TOKENS).toBeCloseTo(mse, 9)
    for (let k = 0; k < BASE + DONOR; k++)
      expect(mse + bench.effects()[k]).toBeCloseTo(built(after(bench, [k])).sse / TOKENS, 4)
  })

  test('comes back to where it was when every change is taken back', async () => {
    const bench = new Bench(set, product)
    const start = bench.metrics()
    const toggles = [1, 2, 12, 17, 18]
    await bench.toggle(toggles)
    await bench.toggle(toggles.toReversed())
    expect(bench.metrics().mse).toBeCloseTo(start.mse, 10)
    bench.along.forEach((value, e) => expect(value).toBeCloseTo(set.along[e], 8))
  })

  test('the order of changes does not matter', async () => {
    const [one, other] = [new Bench(set, product), new Bench(set, product)]
    await one.toggle([9, 15, 4, 20])
    await other.toggle([20, 4, 9, 15])
    expect(one.metrics().mse).toBeCloseTo(other.metrics().mse, 10)
  })

  test('counts dead features and those that overshoot', async () => {
    const silent = { ...donor, bEnc: donor.bEnc.map((b, j) => (j === 5 ? -1e6 : b)) }
    const codes = plainCodes(silent, x)
    const token = Int32Array.from({ length: TOKENS }, (_, t) => t)
    const quiet = evaluationPart(base, silent, {
      x,
      token,
      baseCodes: plainCodes(base, x),
      donorCodes: codes,
    })
    const bench = new Bench(assemble([quiet], base, silent), product)
    const { dead } = bench.metrics()
    expect(bench.preview(Int32Array.of(BASE + 5)).dead).toBe(dead + 1)
    await bench.toggle([BASE + 5])
    expect(bench.metrics()).toEqual({
      ...new Bench(bench.set, product).metrics(),
      ...{ dead: dead + 1, features: BASE + 1, parameters: (BASE + 1) * (2 * D + 1) + D },
    })
    const overshoots = [...bench.projection.subarray(0, BASE)].filter((p) => p < 0).length
    expect(bench.overPredicted()).toBe(overshoots)
  })
})

test('ΔSSE of a set by the formula is that of moving the residual', () => {
  const residual = { data: madeActivations(10, 3, 5), rows: 10, d: 3 }
  const decoder = { data: madeActivations(2, 3, 6), rows: 2, d: 3 }
  const activations = [madeActivations(10, 1, 7).map(Math.abs), madeActivations(10, 1, 8).map(Math.abs)]
  const features = activations.map((a, row) => ({
    activations: a,
    decoder,
    row,
    sign: row ? (1 as const) : (-1 as const),
  }))
  let sse = 0
  for (let t = 0; t < 10; t++)
    for (let c = 0; c < 3; c++) {
      const r = residual.data[3 * t + c]
      const moved = activations[0][t] * decoder.data[c] - activations[1][t] * decoder.data[3 + c]
      sse += (r + moved) ** 2 - r ** 2
    }
  expect(setDelta(residual, features)).toBeCloseTo(sse, 10)
})
