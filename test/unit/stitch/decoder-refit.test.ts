import { describe, expect, test } from 'vitest'
import { openRowProduct } from '../../../src-main/compare/row-product.ts'
import { ridgeRegression, solvePositive } from '../../../src-main/math/least-squares.ts'
import type { SparseCodes } from '../../../src-main/sae/weights.ts'
import { DecoderRefit } from '../../../src-main/stitch/decoder-refit.ts'
import { batchOf, DecoderSgd, Passes } from '../../../src-main/stitch/decoder-sgd.ts'
import { GramBatches, gradientOfTokens } from '../../../src-main/stitch/sgd-batches.ts'
import { madeActivations, madeSae, plainCodes, plainError } from './made.ts'

describe('least squares, the plain reference', () => {
  test('solves a system worked out by hand', () => {
    // [[4, 2], [2, 3]] x = (8, 7) has the solution (1.25, 1.5).
    const [first, second] = solvePositive([4, 2, 2, 3], [8, 7], 2)
    expect(first).toBeCloseTo(1.25, 12)
    expect(second).toBeCloseTo(1.5, 12)
  })

  test('finds the line through two points, and shrinks it with a ridge', () => {
    expect(ridgeRegression([1, 2], [3, 6], 1, 1, 0)[0]).toBeCloseTo(3, 12)
    expect(ridgeRegression([1, 2], [3, 6], 1, 1, 5)[0]).toBeCloseTo(1.5, 12)
  })
})

describe('the refit of a decoder', () => {
  const [TOKENS, D, F] = [200, 5, 8]
  const x = madeActivations(TOKENS, D, 51)
  const made = madeSae(F, D, 52)
  const sae = { ...made, bEnc: made.bEnc.map((b, j) => (j === 3 ? -1e6 : b)) } // feature 3 never fires
  const refit = (ridge: number, asGram?: boolean): ReturnType<DecoderRefit['solve']> => {
    const work = new DecoderRefit(sae, asGram)
    for (let from = 0; from < TOKENS; from += 64) {
      const rows = x.subarray(from * D, Math.min(TOKENS, from + 64) * D)
      work.take(rows, plainCodes(sae, rows))
    }
    return work.solve({ ridge, iterations: 100, tolerance: 1e-7 })
  }

  test.each([
    [0.01, true],
    [10, true],
    [0.01, false],
    [10, false],
  ])('is the least-squares solution, ridge %d, AᵀA kept: %s', (ridge, asGram) => {
    const codes = plainCodes(sae, x)
    const dense = new Float64Array(TOKENS * F)
    for (let t = 0; t < TOKENS; t++)
      for (let e = codes.start[t]; e < codes.start[t + 1]; e++)
        dense[t * F + codes.feature[e]] = codes.value[e]
    const want = ridgeRegression(
      dense,
      x.map((v, i) => v - sae.bDec[i % D]),
      F,
      D,
      ridge,
    )
    const { decoder } = refit(ridge, asGram)
    for (let i = 0; i < F * D; i++) if (Math.floor(i / D) !== 3) expect(decoder[i]).toBeCloseTo(want[i], 4)
  })

  test('lowers the error, changes nothing else, and leaves a silent feature its direction', () => {
    const fitted = refit(0.001)
    expect(plainError(fitted, x).sse).toBeLessThan(plainError(sae, x).sse)
    expect(fitted.encoder).toBe(sae.encoder)
    expect(fitted.decoder.subarray(3 * D, 4 * D)).toEqual(sae.decoder.subarray(3 * D, 4 * D))
  })

  const between = (codes: SparseCodes, from: number, to: number): SparseCodes => {
    const first = codes.start[from]
    return {
      rows: to - from,
      start: codes.start.subarray(from, to + 1).map((at) => at - first),
      feature: codes.feature.subarray(first, codes.start[to]),
      value: codes.value.subarray(first, codes.start[to]),
    }
  }
  /** Every token taken in pieces of so many, which are not those of the batches. */
  const gramsOf = (codes: SparseCodes, piece: number): GramBatches => {
    const grams = new GramBatches(sae, TOKENS)
    for (let from = 0; from < TOKENS; from += piece) {
      const to = Math.min(TOKENS, from + piece)
      grams.take(x.subarray(from * D, to * D), between(codes, from, to))
    }
    return grams
  }

  test('the gradient of a batch is the same from its tokens and from its matrices', async () => {
    const codes = plainCodes(sae, x)
    const product = await openRowProduct(F)
    const [byTokens, byMatrices] = [new Float32Array(F * D), new Float32Array(F * D)]
    const grams = gramsOf(codes, 37)
    expect(grams.count).toBe(Math.ceil(TOKENS / batchOf(TOKENS)))
    for (let n = 0, from = 0; n < grams.count; n++, from += batchOf(TOKENS)) {
      const some = x.subarray(from * D, (from + batchOf(TOKENS)) * D)
      const tokens = gradientOfTokens(sae, some, codes, from, byTokens)
      const matrices = await grams.gradient(n, sae, product, new Float32Array(F * D), byMatrices)
      expect(matrices.rows).toBe(tokens.rows)
      expect(matrices.sse / tokens.sse).toBeCloseTo(1, 4)
      byTokens.forEach((g, i) => expect(byMatrices[i]).toBeCloseTo(g, 3))
    }
    await product.close()
  })

  test.each([200, 1000])(
    'by stochastic gradient descent reaches the error of least squares, %d passes',
    async (most) => {
      const codes = plainCodes(sae, x)
      const grams = gramsOf(codes, 64)
      const sgd = new DecoderSgd(sae)
      sgd.look(codes)
      const product = await openRowProduct(F)
      const [gradient, room] = [new Float32Array(F * D), new Float32Array(F * D)]
      const [start, best] = [sae, refit(0)].map((weights) => plainError(weights, x).sse)
      const passes = new Passes(most, grams.count, start)
      for (let pass = 0; pass < passes.end; pass++) {
        let sse = 0
        for (let n = 0; n < grams.count; n++) {
          const batch = await grams.gradient(n, sgd.weights, product, room, gradient)
          sse += batch.sse
          sgd.descend(gradient, batch.rows, passes.pace(pass))
        }
        passes.heard(sse)
      }
      await product.close()
      const found = plainError(sgd.weights, x).sse
      expect(found).toBeGreaterThanOrEqual(best * (1 - 1e-6))
      expect((found - best) / (start - best)).toBeLessThan(0.01)
      expect(passes.end).toBeLessThanOrEqual(most)
    },
  )
})

describe('the passes of a descent', () => {
  test('slow down over all that were asked for while each gains', () => {
    const passes = new Passes(10, 100, 100)
    for (let pass = 0; pass < 10; pass++) {
      expect(passes.pace(pass)).toBeCloseTo(1 - pass / 10, 12)
      passes.heard(100 - 9 * (pass + 1))
    }
    expect(passes.end).toBe(10)
  })

  test('end after as many again when they gain next to nothing', () => {
    const passes = new Passes(100, 100, 100) // 200 steps: two passes are looked at
    for (const error of [50, 40, 39.999]) passes.heard(error)
    expect(passes.end).toBe(100)
    passes.heard(39.998)
    expect(passes.end).toBe(8)
    const paces = [4, 5, 6, 7].map((pass) => passes.pace(pass))
    expect(paces).toEqual([1, 0.75, 0.5, 0.25].map((share): number => expect.closeTo(0.96 * share, 12)))
    passes.heard(39.998)
    expect(passes.end).toBe(8)
  })
})
