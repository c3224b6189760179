import { describe, expect, test } from 'vitest'
import { join } from 'node:path'
import type { ActivationSet } from '#contract/activation-set.ts'
import { readSaelensFolder } from '../../../src-main/sae/formats/saelens.ts'
import { measure, sampleTokens, selfCheck, type OpenEncoding } from '../../../src-main/sae/self-check.ts'
import { reconstruct } from '../../../src-main/sae/train/reconstruct.ts'
import type { SaeWeights, SparseCodes } from '../../../src-main/sae/weights.ts'
import { openSafetensors } from '../../../src-main/store/safetensors.ts'
import { shared, testWithShared } from '../../shared.ts'
import { difference, encodeDecode } from './formats/plain.ts'
import { ARCHITECTURES, sampleInputs, sampleSae } from './formats/sample.ts'

/** Codes by the plain reference, compressed. */
const sparse = (codes: number[][]): SparseCodes => {
  const start = [0]
  const feature: number[] = []
  const value: number[] = []
  for (const row of codes) {
    row.forEach((a, j) => {
      if (a > 0) {
        feature.push(j)
        value.push(a)
      }
    })
    start.push(feature.length)
  }
  return {
    rows: codes.length,
    start: Uint32Array.from(start),
    feature: Uint32Array.from(feature),
    value: Float32Array.from(value),
  }
}
const plainly: OpenEncoding = (weights) =>
  Promise.resolve({
    encode: (x) => Promise.resolve(sparse(encodeDecode(weights, x).codes)),
    close: () => Promise.resolve(),
  })

const table = (values: Float32Array, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, t) => [...values.subarray(t * width, (t + 1) * width)])

describe('decoding sparse codes', () => {
  const x = sampleInputs(30)
  const variants: [string, SaeWeights][] = [
    ...ARCHITECTURES.map((kind): [string, SaeWeights] => [kind, sampleSae(kind)]),
    ['topk, scaled', { ...sampleSae('topk'), rescaleActsByDecoderNorm: true }],
    ['layer-normalised', { ...sampleSae('topk'), normalizeActivations: 'layer_norm' }],
    ['at constant norm', { ...sampleSae('gated'), normalizeActivations: 'constant_norm_rescale' }],
  ]
  test.each(variants)('of an SAE that is %s agrees with the plain reference', (_name, weights) => {
    const { codes, out } = encodeDecode(weights, x)
    expect(difference(table(reconstruct(weights, sparse(codes), x), 5), out)).toBeLessThan(1e-5)
  })
})

test('explained variance, MSE and L0 of a hand-sized SAE', async () => {
  // One feature along the first axis: reconstructs it where it is positive, and nothing of the second axis.
  const weights: SaeWeights = {
    ...sampleSae('standard', 1, 2, 1),
    encoder: Float32Array.of(1, 0),
    bEnc: Float32Array.of(0),
    decoder: Float32Array.of(1, 0),
    bDec: Float32Array.of(0, 0),
  }
  const x = Float32Array.of(2, 1, -2, 1, 4, 0, 0, 0)
  const measured = await measure(weights, x, plainly)
  // Errors: 1, 5, 0, 0. Means 1 and 0.5; spread of axis 1: 1 + 9 + 9 + 1, of axis 2: 4 · 0.25.
  expect(measured).toEqual({ mse: 1.5, l0: 0.5, explainedVariance: 1 - 6 / 21, dead: 0, tokens: 4 })
})

/** A set of rows of `contextSize` whose activations are given. */
const readerOf = (values: Float32Array, dIn: number, contextSize: number) => ({
  set: {
    id: 'a-aaaaaaaa',
    name: 'tokens',
    tokens: values.length / dIn,
    dIn,
    contextSize,
  } as unknown as ActivationSet,
  read: (from: number, count: number) => values.slice(from * dIn, (from + count) * dIn),
})

test('a sample leaves position 0 of every row out', () => {
  const values = Float32Array.from({ length: 64 * 2 }, (_, i) => Math.floor(i / 2) % 8)
  expect(new Set(sampleTokens(readerOf(values, 2, 8)))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]))
})

/** Activations that an SAE explains: what it makes of random codes. */
function explained(weights: SaeWeights, tokens: number): Float32Array {
  const random = sampleInputs(tokens, weights.dSae, 5)
  const codes = table(random, weights.dSae).map((row) => row.map((a) => (a > 1 ? a : 0)))
  return reconstruct(weights, sparse(codes), new Float32Array(0))
}

describe('a check after import', () => {
  // Orthogonal directions with biases that matter: reads itself exactly.
  const base = sampleSae('standard', 3, 8, 8)
  const eye = Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0))
  const good: SaeWeights = {
    ...base,
    encoder: eye,
    decoder: eye,
    bEnc: new Float32Array(8).fill(-0.4),
    bDec: base.bDec.map((v) => v * 6),
    architecture: 'jumprelu',
    threshold: new Float32Array(8).fill(0.1),
  }
  const activations = explained(good, 400)
  const check = (weights: SaeWeights) =>
    selfCheck({ ...readerOf(activations, 8, 1), chunks: 1 } as never, weights, plainly)

  test('is silent about an SAE that explains its activations', async () => {
    const { metrics, warnings } = await check(good)
    expect(metrics.explainedVariance).toBeGreaterThan(0.8)
    expect(warnings).toEqual([])
  })

  test('names the likely cause where b_dec is not subtracted though it should be', async () => {
    const { metrics, warnings } = await check({ ...good, appliesBDecToInput: false })
    expect(metrics.explainedVariance).toBeLessThan(0)
    expect(warnings[0]).toContain('Likely b_dec is subtracted from the input')
    expect(warnings[0]).toContain('b_dec="subtracted from the input"')
  })

  test('says what it measured where nothing does better', async () => {
    const { warnings } = await check({ ...good, decoder: eye.map((v) => -v) })
    expect(warnings[0]).toMatch(
      /explained variance is -\d.* Check that hook point, model and layout are right/,
    )
  })
})

testWithShared('a published SAE measured on the tokens beside it gives the reference numbers', async () => {
  const { weights } = readSaelensFolder(join(shared, 'saes/stories260K/topk-256'))
  const x = openSafetensors(join(shared, 'reference/saes-stories260K.safetensors')).readF32(
    'activations_f32',
    0,
    512,
  )
  const measured = await measure(weights, x, plainly)
  expect(measured.l0).toBe(12)
  expect(measured.explainedVariance).toBeCloseTo(0.935, 2)
})
