import { describe, expect, test } from 'vitest'
import {
  foldActivationScale,
  foldCentring,
  foldDecoderBias,
  foldDecoderNorm,
  rowNorms,
  selfContained,
  unfoldDecoderBias,
  unfoldDecoderNorm,
} from '../../../src-main/sae/folding.ts'
import type { SaeWeights } from '../../../src-main/sae/weights.ts'
import { difference, encodeDecode } from './formats/plain.ts'
import { ARCHITECTURES, sampleInputs, sampleSae } from './formats/sample.ts'

const x = sampleInputs(40)
const near = (a: Float32Array, b: Float32Array): number => Math.max(...a.map((v, i) => Math.abs(v - b[i])))
const elementwise = ARCHITECTURES.filter((kind) => kind !== 'topk' && kind !== 'tied')

describe('the decoder norm', () => {
  test.each(elementwise)(
    'folded into the encoder of a %s SAE keeps its reconstructions and scales its codes',
    (kind) => {
      const sae = sampleSae(kind)
      const { weights, norms } = foldDecoderNorm(sae)
      const [before, after] = [encodeDecode(sae, x), encodeDecode(weights, x)]
      expect(difference(before.out, after.out)).toBeLessThan(1e-5)
      expect(
        difference(
          before.codes.map((row) => row.map((a, j) => a * norms[j])),
          after.codes,
        ),
      ).toBeLessThan(1e-5)
      expect([...rowNorms(weights.decoder, 5)].every((n) => Math.abs(n - 1) < 1e-6)).toBe(true)
    },
  )

  test.each(elementwise)('is unfolded from a %s SAE to what it was', (kind) => {
    const sae = sampleSae(kind)
    const { weights, norms } = foldDecoderNorm(sae)
    const back = unfoldDecoderNorm(weights, norms)
    expect(near(back.encoder, sae.encoder)).toBeLessThan(1e-6)
    expect(near(back.decoder, sae.decoder)).toBeLessThan(1e-6)
    expect(near(back.bEnc, sae.bEnc)).toBeLessThan(1e-6)
  })

  test('of a topk SAE with unequal norms is refused with a sentence', () => {
    expect(() => foldDecoderNorm(sampleSae('topk'))).toThrow('would change which 3 features a token keeps')
  })

  test('of a topk SAE that chooses by scaled codes folds exactly, codes and all, and unfolds', () => {
    const sae: SaeWeights = { ...sampleSae('topk'), rescaleActsByDecoderNorm: true }
    const { weights, norms } = foldDecoderNorm(sae)
    const [before, after] = [encodeDecode(sae, x), encodeDecode(weights, x)]
    expect(weights.rescaleActsByDecoderNorm).toBe(false)
    expect(difference(before.codes, after.codes)).toBeLessThan(1e-5)
    expect(difference(before.out, after.out)).toBeLessThan(1e-5)
    const back = unfoldDecoderNorm(weights, norms)
    expect(back.rescaleActsByDecoderNorm).toBe(true)
    expect(difference(before.codes, encodeDecode(back, x).codes)).toBeLessThan(1e-5)
  })

  test('of a dead feature with a zero row makes no NaN', () => {
    const sae = sampleSae('standard')
    sae.decoder.fill(0, 5, 10)
    const { weights, norms } = foldDecoderNorm(sae)
    expect(norms[1]).toBe(0)
    expect(weights.decoder.every(Number.isFinite)).toBe(true)
    expect(weights.bEnc[1]).toBe(sae.bEnc[1])
  })
})

describe('b_dec', () => {
  test.each(ARCHITECTURES)(
    'folded into b_enc of a %s SAE changes neither codes nor reconstructions, and unfolds',
    (kind) => {
      const sae = sampleSae(kind)
      const folded = foldDecoderBias(sae)
      expect(folded.appliesBDecToInput).toBe(false)
      const [before, after] = [encodeDecode(sae, x), encodeDecode(folded, x)]
      expect(difference(before.codes, after.codes)).toBeLessThan(1e-5)
      expect(difference(before.out, after.out)).toBeLessThan(1e-5)
      const back = unfoldDecoderBias(folded)
      expect(near(back.bEnc, sae.bEnc)).toBeLessThan(1e-5)
      if (sae.bMag && back.bMag) expect(near(back.bMag, sae.bMag)).toBeLessThan(1e-5)
    },
  )
})

describe('an activation scale', () => {
  test('folded in gives the same codes on x as the SAE gave on x·s, and its reconstruction divided by s', () => {
    const sae = sampleSae('jumprelu')
    const s = 3.5
    const before = encodeDecode(
      sae,
      x.map((v) => v * s),
    )
    const after = encodeDecode(foldActivationScale(sae, s), x)
    expect(difference(before.codes, after.codes)).toBeLessThan(1e-5)
    expect(
      difference(
        before.out.map((row) => row.map((v) => v / s)),
        after.out,
      ),
    ).toBeLessThan(1e-5)
  })

  test('is refused where inputs are normalised per token', () => {
    expect(() =>
      foldActivationScale({ ...sampleSae('topk'), normalizeActivations: 'layer_norm' }, 2),
    ).toThrow('normalised per token')
  })
})

test('folded centring gives the codes of the centred activation from the activation as it is', () => {
  const sae = sampleSae('standard')
  const centred = x.map((v, i) => {
    const row = x.subarray(i - (i % 5), i - (i % 5) + 5)
    return v - row.reduce((a, b) => a + b, 0) / 5
  })
  expect(difference(encodeDecode(sae, centred).codes, encodeDecode(foldCentring(sae), x).codes)).toBeLessThan(
    1e-5,
  )
})

describe('a self-contained SAE', () => {
  test.each(ARCHITECTURES)('of kind %s gives the same reconstruction without b_dec at its input', (kind) => {
    const sae = sampleSae(kind)
    const out = selfContained(sae)
    expect([out.appliesBDecToInput, out.normalizeActivations]).toEqual([false, 'none'])
    expect(difference(encodeDecode(sae, x).out, encodeDecode(out, x).out)).toBeLessThan(1e-5)
  })

  test('keeps layer normalisation explicit by refusing it', () => {
    expect(() => selfContained({ ...sampleSae('topk'), normalizeActivations: 'layer_norm' })).toThrow(
      'layer_norm',
    )
  })
})
