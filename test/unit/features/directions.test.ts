import { describe, expect, test } from 'vitest'
import { dimensionality } from '../../../src-main/features/dimensionality.ts'
import { directionsOf } from '../../../src-main/features/directions.ts'
import { directLogits, logitLens } from '../../../src-main/features/logit-lens.ts'
import { neighbours } from '../../../src-main/features/neighbours.ts'
import { normLimit } from '../../../src-main/features/token-norms.ts'
import type { SaeWeights } from '../../../src-main/sae/weights.ts'

const sae = (decoder: number[][], encoder = decoder): SaeWeights => ({
  architecture: 'standard',
  dIn: decoder[0].length,
  dSae: decoder.length,
  encoder: Float32Array.from(encoder.flat()),
  bEnc: new Float32Array(decoder.length),
  decoder: Float32Array.from(decoder.flat()),
  bDec: new Float32Array(decoder[0].length),
  appliesBDecToInput: true,
  normalizeActivations: 'none',
})

describe('feature dimensionality', () => {
  const of = async (rows: number[][]): Promise<number[]> => {
    const norms = Float64Array.from(rows, (row) => Math.hypot(...row))
    return [...(await dimensionality(Float32Array.from(rows.flat()), rows[0].length, norms))]
  }

  test('is 1 for a direction of its own and a half for each of two that share one', async () => {
    expect(await of([[3, 0], [0, 1], [0, -1]])).toEqual([1, 0.5, 0.5]) // prettier-ignore
  })

  test('is 2/3 for three directions at equal angles in a plane; 0 for a row of zeros', async () => {
    const angle = (2 * Math.PI) / 3
    const triangle = [0, 1, 2].map((i) => [Math.cos(i * angle), Math.sin(i * angle)])
    const found = await of([...triangle, [0, 0]])
    for (const d of found.slice(0, 3)) expect(d).toBeCloseTo(2 / 3, 5)
    expect(found[3]).toBe(0)
  })
})

describe('directions', () => {
  test('norms of decoder rows and cosines of each encoder row with its decoder row', async () => {
    const found = await directionsOf(sae([[3, 4], [0, 2]], [[3, 4], [1, 0]])) // prettier-ignore
    expect([...found.decoderNorm]).toEqual([5, 2])
    expect([...found.encoderDecoderCosine]).toEqual([1, 0])
  })

  test('neighbours are ranked by cosine whatever the norms; a feature is not its own neighbour', () => {
    const a = sae([[1, 0], [5, 5], [0, 1], [-1, 0], [0, 0]]) // prettier-ignore
    const found = neighbours(a, 0, a, 3)
    expect(found.map((n) => n.feature)).toEqual([1, 2, 4])
    expect(found[0].cosine).toBeCloseTo(Math.SQRT1_2, 12)
    expect(neighbours(a, 0, sae([[0, 2], [9, 0]]), 5)).toEqual([{ feature: 1, cosine: 1 }, { feature: 0, cosine: 0 }]) // prettier-ignore
    expect(() => neighbours(a, 0, sae([[1, 2, 3]]), 5)).toThrow('of width 2, the other of 3')
    expect(() => neighbours(a, 5, a, 5)).toThrow('features 0 to 4')
  })
})

describe('logit lens', () => {
  const model = { WU: Float32Array.of(1, 0, 0, 1, -1, -1), finalNormScale: Float32Array.of(2, 1) }

  test('scales by the final norm, then unembeds', () => {
    expect([...directLogits(Float32Array.of(3, 1), model, 'llama')]).toEqual([6, 1, -7])
  })

  test('takes the mean out first where the final norm is a LayerNorm', () => {
    expect([...directLogits(Float32Array.of(3, 1), model, 'gpt2')]).toEqual([2, -1, -1])
  })

  test('names the most promoted and the most suppressed, strongest first', () => {
    const { promoted, suppressed, histogram, from, to } = logitLens(
      Float32Array.of(6, 1, -7),
      (id) => `t${id}`,
      2,
      'llama',
    )
    expect(promoted.map((t) => t.token)).toEqual(['t0', 't1'])
    expect(suppressed.map((t) => t.token)).toEqual(['t2', 't1'])
    expect([from, to, histogram[0], histogram[49]]).toEqual([-7, 6, 1, 1])
  })

  test('refuses an SAE that is not on the residual stream', () => {
    expect(() => directLogits(Float32Array.of(1, 2, 3), model, 'llama')).toThrow('the residual stream has 2')
  })
})

test('the norm limit is a multiple of the median norm of the tokens that count', () => {
  const x = Float32Array.of(100, 0, 3, 4, 1, 0, 0, 2)
  expect(normLimit(x, 2, 10, (row) => row > 0)).toBe(20)
  expect(normLimit(x, 2, 10, (row) => row === 1 || row === 2)).toBe(30)
})
