import { expect, test } from 'vitest'
import {
  gatedCodes,
  jump,
  largestOfBatch,
  largestOfEachRow,
  trainingCodes,
} from '../../../src-main/math/sae-codes.ts'

test('topk keeps the k largest positive of each row', () => {
  expect(Array.from(largestOfEachRow([3, 1, 2, -1, -2, -3], 3, 2))).toEqual([3, 0, 2, 0, 0, 0])
})

test('of equal values the lower feature is kept', () => {
  expect(Array.from(largestOfEachRow([1, 1, 1], 3, 2))).toEqual([1, 1, 0])
})

test('batchtopk lets one token have more than another', () => {
  expect(Array.from(largestOfBatch([3, 1, 2, 0.5, 0.1, -3], 3))).toEqual([3, 1, 2, 0, 0, 0])
})

test('jumprelu keeps what exceeds its threshold, strictly', () => {
  expect(Array.from(jump([0.5, 0.6, 2, 1], [0.5, 1]))).toEqual([0, 0, 2, 0])
})

test('gated needs an open gate and a positive magnitude', () => {
  const codes = gatedCodes([1, 1, -1, 1], [0, -2, 2, 0], [0, 0, 0, Math.log(3)], [0.5, 5, 0.5, -4])
  expect(Array.from(codes)).toEqual([1.5, 0, 0, 0])
})

test('the input is centred by b_dec before encoding', () => {
  const p = {
    encoder: Float64Array.of(1, 0, 0, 1),
    bEnc: Float64Array.of(0, 1),
    decoder: Float64Array.of(1, 0, 0, 1),
    bDec: Float64Array.of(1, 2),
  }
  const kind = { architecture: 'standard', decoderNorm: 'free', dIn: 2, dSae: 2 } as const
  expect(Array.from(trainingCodes(kind, p, [3, 1], 1))).toEqual([2, 0])
})
