import { describe, expect, test } from 'vitest'
import { combine } from '../../../src-main/stitch/combine.ts'
import { choosesAmongFeatures, elementwiseForm } from '../../../src-main/stitch/elementwise-form.ts'
import { FixedThreshold } from '../../../src-main/stitch/fixed-threshold.ts'
import { hybridWeights, originsOf } from '../../../src-main/stitch/hybrid.ts'
import type { SaeWeights } from '../../../src-main/sae/weights.ts'
import { madeActivations, madeSae, plainCodes } from './made.ts'

const D = 5
const x = madeActivations(40, D, 21)
const standard = madeSae(6, D, 22)
const jumprelu: SaeWeights = {
  ...madeSae(4, D, 23),
  architecture: 'jumprelu',
  threshold: Float32Array.of(0.1, 0.5, 0, 0.3),
}
const gated: SaeWeights = {
  ...madeSae(3, D, 24),
  architecture: 'gated',
  rMag: Float32Array.of(0.2, -0.3, 0),
  bMag: Float32Array.of(0.1, 0.4, -0.2),
}
const topk: SaeWeights = { ...madeSae(7, D, 25), architecture: 'topk', k: 2 }

/** Activations of one feature on every token. */
const column = (weights: SaeWeights, j: number): number[] => {
  const codes = plainCodes(weights, x)
  return Array.from({ length: codes.rows }, (_, t) => {
    const entries = [...codes.feature.subarray(codes.start[t], codes.start[t + 1])]
    const at = entries.indexOf(j)
    return at < 0 ? 0 : codes.value[codes.start[t] + at]
  })
}
const expectSame = (found: number[], want: number[]): void =>
  found.forEach((a, t) => expect(a).toBeCloseTo(want[t], 5))

describe('the form in which a feature stands on its own', () => {
  test.each([
    ['standard', standard],
    ['jumprelu', jumprelu],
    ['gated', gated],
  ])('%s: gives the same activations without b_dec', (_name, weights) => {
    const own = elementwiseForm(weights, null)
    expect(own.appliesBDecToInput).toBe(false)
    for (let j = 0; j < weights.dSae; j++) expectSame(column(own, j), column(weights, j))
  })

  test('an SAE that keeps the k largest fires above a fixed threshold instead', () => {
    expect(choosesAmongFeatures(topk)).toBe(true)
    const own = elementwiseForm(topk, 0.4)
    expect(own.architecture).toBe('jumprelu')
    expect(own.k).toBeUndefined()
    const { k: _k, ...all } = topk
    const positive = { ...all, architecture: 'standard' as const }
    for (let j = 0; j < topk.dSae; j++)
      expectSame(
        column(own, j),
        column(positive, j).map((a) => (a > 0.4 ? a : 0)),
      )
  })

  test('batchtopk with its threshold is jumprelu, and exact', () => {
    const batch: SaeWeights = {
      ...topk,
      architecture: 'batchtopk',
      threshold: new Float32Array(7).fill(0.2),
    }
    expect(choosesAmongFeatures(batch)).toBe(false)
    expect(elementwiseForm(batch, null)).toMatchObject({
      architecture: 'jumprelu',
      threshold: batch.threshold,
    })
  })

  test('an SAE whose inputs are normalised per token is refused', () => {
    expect(() => elementwiseForm({ ...standard, normalizeActivations: 'layer_norm' }, null)).toThrow(
      /normalised per token/,
    )
  })

  test('the fixed threshold is the mean of the smallest kept activation', () => {
    const threshold = new FixedThreshold()
    threshold.take({
      rows: 3,
      start: Uint32Array.of(0, 2, 2, 3),
      feature: Uint32Array.of(0, 1, 0),
      value: Float32Array.of(3, 1, 2),
    })
    expect(threshold.value).toBe(1.5)
  })
})

describe('a hybrid', () => {
  const forms = [standard, jumprelu, gated].map((weights) => elementwiseForm(weights, null))
  const picks = (...which: [number, number[]][]) =>
    which.map(([n, features]) => ({ weights: forms[n], features }))

  test.each([
    ['standard', picks([0, [4, 1]])],
    ['jumprelu', picks([0, [0, 5]], [1, [3, 1]])],
    ['gated', picks([2, [1]], [0, [2]], [1, [0, 3]])],
  ] as const)('is %s where its features need no more, and each fires as it did', (architecture, picked) => {
    const hybrid = combine(picked, standard.bDec)
    expect(hybrid.architecture).toBe(architecture)
    let j = 0
    for (const { weights, features } of picked)
      for (const feature of features) {
        expectSame(column(hybrid, j), column(weights, feature))
        expect(hybrid.decoder.subarray(j * D, (j + 1) * D)).toEqual(
          weights.decoder.subarray(feature * D, (feature + 1) * D),
        )
        j++
      }
    expect(hybrid.dSae).toBe(j)
  })

  test('keeps the features of the base first, then those of the donor, and says where each came from', () => {
    const inHybrid = Uint8Array.of(1, 0, 0, 0, 0, 1, 0, 1, 0, 0)
    const origins = originsOf(inHybrid, 6)
    expect([...origins.fromDonor]).toEqual([0, 0, 1])
    expect([...origins.feature]).toEqual([0, 5, 1])
    const hybrid = hybridWeights(forms[0], forms[1], origins)
    expect(hybrid.bDec).toBe(forms[0].bDec)
    expectSame(column(hybrid, 2), column(jumprelu, 1))
  })
})
