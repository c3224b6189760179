import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PATH_STEP } from '#contract/stitch.ts'
import { decoderCosine } from '../../../src-main/compare/decoder-cosine.ts'
import { openRowProduct, type RowProduct } from '../../../src-main/compare/row-product.ts'
import { firstMatches } from '../../../src-main/compare/ranked-lists.ts'
import { Bench } from '../../../src-main/stitch/bench.ts'
import { elementwiseForm } from '../../../src-main/stitch/elementwise-form.ts'
import { evaluationPart } from '../../../src-main/stitch/evaluation-builder.ts'
import { assemble } from '../../../src-main/stitch/evaluation-set.ts'
import { greedyOrder } from '../../../src-main/stitch/greedy.ts'
import { hybridWeights, originsOf } from '../../../src-main/stitch/hybrid.ts'
import { pathSteps, walkPath, type Resemblance } from '../../../src-main/stitch/path.ts'
import { madeActivations, madeSae, plainCodes, plainError } from './made.ts'

const [TOKENS, D, BASE, DONOR] = [80, 4, 7, 11]
const x = madeActivations(TOKENS, D, 41)
const base = elementwiseForm(madeSae(BASE, D, 42), null)
const donor = elementwiseForm(madeSae(DONOR, D, 43), null)
const set = assemble(
  [
    evaluationPart(base, donor, {
      x,
      token: Int32Array.from({ length: TOKENS }, (_, t) => t),
      baseCodes: plainCodes(base, x),
      donorCodes: plainCodes(donor, x),
    }),
  ],
  base,
  donor,
)
const built = (inHybrid: Uint8Array): { sse: number; l0: number } =>
  plainError(hybridWeights(base, donor, originsOf(inHybrid, BASE)), x)
const atBase = (): Uint8Array => new Uint8Array(BASE + DONOR).fill(1, 0, BASE)

let product: RowProduct
let resemblance: Resemblance
beforeAll(async () => {
  product = await openRowProduct(D)
  const { bToA, edges } = await decoderCosine(base, donor, { k: 1, floor: 0.5 })
  resemblance = { maxCosine: firstMatches(bToA).value, edges }
})
afterAll(() => product.close())

describe('the path from base to donor', () => {
  test('adds the novel, most novel first, then swaps components, most similar first, then removes the rest', () => {
    const steps = pathSteps(resemblance, BASE, 0.7)
    const kinds = steps.map(({ kind }) => kind)
    expect(kinds).toEqual(kinds.toSorted((p, q) => PATH_STEP[p] - PATH_STEP[q]))
    const adds = steps.filter(({ kind }) => kind === 'add').map(({ cosine }) => cosine)
    expect(adds.length).toBeGreaterThan(0)
    expect(adds).toEqual(adds.toSorted((p, q) => p - q))
    const swaps = steps.filter(({ kind }) => kind === 'swap').map(({ cosine }) => cosine)
    expect(swaps.length).toBeGreaterThan(1)
    expect(swaps).toEqual(swaps.toSorted((p, q) => q - p))
    // Every candidate exactly once: all of the base gone, all of the donor there.
    expect(steps.flatMap(({ toggles }) => toggles).toSorted((p, q) => p - q)).toEqual([
      ...Array(BASE + DONOR).keys(),
    ])
  })

  test('every step has the numbers of the hybrid that is really built there', async () => {
    const path = await walkPath(new Bench(set, product), resemblance, 0.7)
    expect(path.walk.mse).toHaveLength(path.kind.length + 1)
    const inHybrid = atBase()
    for (let n = 0; n <= path.kind.length; n++) {
      if (n > 0) for (const k of path.candidate.subarray(path.start[n - 1], path.start[n])) inHybrid[k] ^= 1
      const really = built(inHybrid)
      expect(path.walk.mse[n]).toBeCloseTo(really.sse / TOKENS, 5)
      expect(path.walk.l0[n]).toBeCloseTo(really.l0, 10)
      expect(path.walk.features[n]).toBe(inHybrid.reduce((sum, one) => sum + one, 0))
    }
  })
})

describe('the greedy order', () => {
  test('picks at each step what lowers the error of the hybrid as it then is the most', async () => {
    const order = await greedyOrder(new Bench(set, product), resemblance.maxCosine, {
      features: 5,
      l0Limit: null,
    })
    const inHybrid = atBase()
    for (const [n, pick] of order.picks.entries()) {
      const after = (j: number): number => {
        const tried = inHybrid.slice()
        tried[BASE + j] = 1
        return built(tried).sse
      }
      const out = [...Array(DONOR).keys()].filter((j) => !inHybrid[BASE + j])
      expect(pick).toBe(out.toSorted((p, q) => after(p) - after(q))[0])
      expect(order.walk.mse[n + 1]).toBeCloseTo(after(pick) / TOKENS, 5)
      expect(order.walk.mse[n + 1]).toBeLessThan(order.walk.mse[n])
      inHybrid[BASE + pick] = 1
    }
  })

  test('stops where nothing lowers the error, sets as many by novelty beside it, and leaves the bench at the base', async () => {
    const bench = new Bench(set, product)
    const start = bench.metrics()
    const order = await greedyOrder(bench, resemblance.maxCosine, { features: 1000, l0Limit: null })
    expect(order.picks.length).toBeLessThan(DONOR)
    expect(order.byCosine.picks).toHaveLength(order.picks.length)
    expect(order.byCosine.walk.mse[0]).toBeCloseTo(start.mse, 6)
    expect(order.byCosine.walk.mse.at(-1)).toBeGreaterThanOrEqual(order.walk.mse.at(-1)!)
    expect(bench.metrics().mse).toBeCloseTo(start.mse, 6)
  })

  test('keeps L0 at or below its limit', async () => {
    const bench = new Bench(set, product)
    const l0Limit = bench.metrics().l0 + 0.5
    const { walk, picks } = await greedyOrder(bench, resemblance.maxCosine, { features: 1000, l0Limit })
    expect(picks.length).toBeGreaterThan(0)
    for (const l0 of walk.l0) expect(l0).toBeLessThanOrEqual(l0Limit)
  })
})
