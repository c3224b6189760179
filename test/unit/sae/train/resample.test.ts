import { expect, test } from 'vitest'
import type { TraineeState } from '../../../../src-main/sae/backend.ts'
import { isResamplingStep, resampleDead } from '../../../../src-main/sae/train/resample.ts'

/** Three features in two dimensions: 0 and 2 alive, 1 dead since 100 tokens. */
function state(): TraineeState {
  const moments = () => ({
    encoder: Float32Array.of(1, 1, 1, 1, 1, 1),
    bEnc: Float32Array.of(1, 1, 1),
    decoder: Float32Array.of(1, 1, 1, 1, 1, 1),
    bDec: Float32Array.of(1, 1),
  })
  return {
    parameters: {
      encoder: Float32Array.of(3, 0, 9, 9, 0, 1), // norms 3, –, 1
      bEnc: Float32Array.of(0.1, 0.2, 0.3),
      decoder: Float32Array.of(0, 4, 9, 9, 2, 0), // norms 4, –, 2
      bDec: Float32Array.of(1, 0),
    },
    firstMoments: moments(),
    secondMoments: moments(),
    steps: 7,
    tokensSinceFired: Uint32Array.of(0, 100, 5),
    threshold: null,
  }
}
/** The second row is badly reconstructed, the others perfectly. */
const inputs = { x: Float32Array.of(5, 5, 4, 4, 7, 7), squaredErrors: Float32Array.of(0, 2, 0) }

test('a dead feature begins anew in the direction of a badly reconstructed input', () => {
  const after = state()
  expect(resampleDead(after, 100, inputs, () => 0.5)).toBe(1)
  const { encoder, decoder, bEnc } = after.parameters
  // x − b_dec = (3, 4), direction (0.6, 0.8); living decoder norms average 3, encoder norms 2
  expect([...(decoder ?? []).slice(2, 4)].map((v) => Number(v.toFixed(5)))).toEqual([1.8, 2.4])
  expect([...encoder.slice(2, 4)].map((v) => Number(v.toFixed(5)))).toEqual([0.24, 0.32])
  expect(bEnc[1]).toBe(0)
  expect(after.tokensSinceFired[1]).toBe(0)
})

test('Adam forgets the feature that begins anew, and only that one', () => {
  const after = state()
  resampleDead(after, 100, inputs, () => 0.5)
  for (const moments of [after.firstMoments, after.secondMoments]) {
    expect([...moments.encoder]).toEqual([1, 1, 0, 0, 1, 1])
    expect([...(moments.decoder ?? [])]).toEqual([1, 1, 0, 0, 1, 1])
    expect([...moments.bEnc]).toEqual([1, 0, 1])
  }
})

test('the living stay as they are', () => {
  const after = state()
  resampleDead(after, 100, inputs, () => 0.5)
  expect([...after.parameters.encoder.slice(4)]).toEqual([0, 1])
  expect([...(after.parameters.decoder ?? []).slice(0, 2)]).toEqual([0, 4])
  expect([...after.tokensSinceFired]).toEqual([0, 0, 5])
})

test('nothing happens where none is dead, and none can be born from inputs without error', () => {
  expect(resampleDead(state(), 101, inputs, () => 0.5)).toBe(0)
  expect(resampleDead(state(), 100, { ...inputs, squaredErrors: new Float32Array(3) }, () => 0.5)).toBe(0)
})

test('more dead features than inputs: each input serves once', () => {
  const after = state()
  after.tokensSinceFired.fill(100, 0, 2)
  const one = { x: Float32Array.of(4, 4), squaredErrors: Float32Array.of(2) }
  expect(resampleDead(after, 100, one, () => 0.99)).toBe(1)
})

test('resampling comes every tenth of a run and not in its last four', () => {
  const steps = Array.from({ length: 101 }, (_, step) => step).filter((step) => isResamplingStep(step, 100))
  expect(steps).toEqual([10, 20, 30, 40, 50, 60])
})
