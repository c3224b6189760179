import { describe, expect, test } from 'vitest'
import { ridgeRegression, solvePositive } from '../../../src-main/math/least-squares.ts'
import { DecoderRefit } from '../../../src-main/stitch/decoder-refit.ts'
import { codesBetween, DecoderSgd } from '../../../src-main/stitch/decoder-sgd.ts'
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
  const refit = (ridge: number): ReturnType<DecoderRefit['solve']> => {
    const work = new DecoderRefit(sae)
    for (let from = 0; from < TOKENS; from += 64) {
      const rows = x.subarray(from * D, Math.min(TOKENS, from + 64) * D)
      work.take(rows, plainCodes(sae, rows))
    }
    return work.solve({ ridge, iterations: 100, tolerance: 1e-7 })
  }

  test.each([0.01, 10])('is the least-squares solution, ridge %d', (ridge) => {
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
    const { decoder } = refit(ridge)
    for (let i = 0; i < F * D; i++) if (Math.floor(i / D) !== 3) expect(decoder[i]).toBeCloseTo(want[i], 4)
  })

  test('lowers the error, changes nothing else, and leaves a silent feature its direction', () => {
    const fitted = refit(0.001)
    expect(plainError(fitted, x).sse).toBeLessThan(plainError(sae, x).sse)
    expect(fitted.encoder).toBe(sae.encoder)
    expect(fitted.decoder.subarray(3 * D, 4 * D)).toEqual(sae.decoder.subarray(3 * D, 4 * D))
  })

  test('by stochastic gradient descent reaches the error of least squares', () => {
    const codes = plainCodes(sae, x)
    const sgd = new DecoderSgd(sae)
    sgd.look(codes)
    const passes = 200
    for (let pass = 0; pass < passes; pass++)
      for (let from = 0; from < TOKENS; from += sgd.batch) {
        const to = Math.min(TOKENS, from + sgd.batch)
        sgd.descend(x.subarray(from * D, to * D), codesBetween(codes, from, to), pass / passes)
      }
    const [start, best, found] = [sae, refit(0), sgd.weights].map((weights) => plainError(weights, x).sse)
    expect(found).toBeGreaterThanOrEqual(best * (1 - 1e-6))
    expect((found - best) / (start - best)).toBeLessThan(0.01)
  })
})
