import { describe, expect, test } from 'vitest'
import { openEncoder } from '../../../src-main/backends/cpu/encoder.ts'
import { trainingCodes } from '../../../src-main/math/sae-codes.ts'
import type { SaeKind } from '../../../src-main/math/sae-parameters.ts'
import { saeWeights } from '../../../src-main/sae/architectures/index.ts'
import type { SaeWeights, SparseCodes } from '../../../src-main/sae/weights.ts'
import { EXAMPLE_KINDS, exampleInputs } from '../math/example.ts'
import { configOf, exampleState } from './take-steps.ts'

function dense({ rows, start, feature, value }: SparseCodes, dSae: number): Float64Array {
  const out = new Float64Array(rows * dSae)
  for (let t = 0; t < rows; t++)
    for (let i = start[t]; i < start[t + 1]; i++) out[t * dSae + feature[i]] = value[i]
  return out
}

async function encode(weights: SaeWeights, x: ArrayLike<number>, rows: number): Promise<SparseCodes> {
  const encoder = await openEncoder(weights)
  try {
    return await encoder.encode(Float32Array.from(x), rows)
  } finally {
    await encoder.close()
  }
}

const weightsOf = (kind: SaeKind): SaeWeights => saeWeights(configOf(kind), exampleState(kind))

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < actual.length; i++) expect(actual[i]).toBeCloseTo(expected[i], 5)
}

describe('codes are those of the plain formulas', () => {
  const perToken = Object.entries(EXAMPLE_KINDS).filter(
    ([, { architecture }]) => !/batchtopk|matryoshka/.test(architecture),
  )
  for (const [title, kind] of perToken)
    test(title, async () => {
      const x = exampleInputs(20, kind.dIn, 8)
      const parameters = Object.fromEntries(
        Object.entries(exampleState(kind).parameters).map(([name, tensor]) => [
          name,
          Float64Array.from(tensor),
        ]),
      )
      const expected = trainingCodes(kind, parameters as never, x, 20)
      const codes = await encode(weightsOf(kind), x, 20)
      expectClose(dense(codes, kind.dSae), expected)
      expect(codes.start[20]).toBe(expected.filter((a) => a > 0).length)
    })
})

/** Two inputs wide, four features that look along the axes; b_dec = (1, 0). */
const axes: SaeWeights = {
  architecture: 'standard',
  dIn: 2,
  dSae: 4,
  encoder: Float32Array.of(1, 0, 0, 1, -1, 0, 0, -1),
  bEnc: Float32Array.of(0, 0, 0.5, 0),
  decoder: Float32Array.of(1, 0, 0, 2, -1, 0, 0, -3),
  bDec: Float32Array.of(1, 0),
  appliesBDecToInput: true,
  normalizeActivations: 'none',
}
const list = ({ feature, value }: SparseCodes): [number, number][] =>
  Array.from(feature, (j, i) => [j, value[i]])

test('features come in ascending order, row by row', async () => {
  const codes = await encode(axes, [3, 1, 0, -2], 2)
  expect(Array.from(codes.start)).toEqual([0, 2, 4])
  expect(list(codes)).toEqual([[0, 2], [1, 1], [2, 1.5], [3, 2]]) // prettier-ignore
})

test('b_dec is left on the input where the SAE says so', async () => {
  expect(list(await encode({ ...axes, appliesBDecToInput: false }, [3, 1], 1))).toEqual([[0, 3], [1, 1]]) // prettier-ignore
})

test('batchtopk fires above its threshold, strictly, and never below 0', async () => {
  const weights: SaeWeights = {
    ...axes,
    architecture: 'batchtopk',
    threshold: Float32Array.of(2, 0.5, -9, 0),
  }
  expect(list(await encode(weights, [3, 1, 4, -1], 2))).toEqual([[1, 1], [0, 3], [3, 1]]) // prettier-ignore
})

test('topk that scales by decoder norm chooses by the scaled activations, and these are the codes', async () => {
  const weights: SaeWeights = { ...axes, architecture: 'topk', k: 1, rescaleActsByDecoderNorm: true }
  expect(list(await encode(weights, [2.5, 1], 1))).toEqual([[1, 2]])
  expect(list(await encode({ ...weights, rescaleActsByDecoderNorm: false }, [2.5, 1], 1))).toEqual([[0, 1.5]])
})

test('of equal activations topk keeps the lower feature', async () => {
  const weights: SaeWeights = { ...axes, architecture: 'topk', k: 1 }
  expect(list(await encode(weights, [3, 2], 1))).toEqual([[0, 2]])
})

test('inputs are normalised per token as SAELens does', async () => {
  const free = { ...axes, appliesBDecToInput: false }
  const scaled = await encode({ ...free, normalizeActivations: 'constant_norm_rescale' }, [3, 4], 1)
  expectClose(scaled.value, [(3 * Math.SQRT2) / 5, (4 * Math.SQRT2) / 5])
  const layered = await encode({ ...free, normalizeActivations: 'layer_norm' }, [3, 1], 1)
  const one = 1 / (Math.SQRT2 + 1e-5)
  expectClose(layered.value, [one, one])
  expect(Array.from(layered.feature)).toEqual([0, 3])
})

test('where nearly everything fires the codes are still complete', async () => {
  const dSae = 3000
  const rows = 600
  const random = exampleInputs(dSae, 4, 1)
  const weights: SaeWeights = {
    ...axes,
    dIn: 4,
    dSae,
    encoder: Float32Array.from(random),
    bEnc: new Float32Array(dSae).fill(20),
    decoder: new Float32Array(dSae * 4),
    bDec: new Float32Array(4),
  }
  const codes = await encode(weights, exampleInputs(rows, 4, 2), rows)
  expect(codes.start[rows]).toBe(rows * dSae)
  expect(codes.feature.every((j, i) => j === i % dSae)).toBe(true)
})

test('weights without what their architecture needs are refused by name', async () => {
  await expect(openEncoder({ ...axes, architecture: 'jumprelu' })).rejects.toThrow(/no threshold/)
})

test('too few numbers for the rows asked for are refused', async () => {
  await expect(encode(axes, [1, 2, 3], 2)).rejects.toThrow('3 numbers are not 2 rows of 2')
})
