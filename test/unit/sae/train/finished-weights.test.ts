import { expect, test } from 'vitest'
import { openEncoder } from '../../../../src-main/backends/cpu/encoder.ts'
import { normal, seededRandom } from '../../../../src-main/math/random.ts'
import { initialState, saeWeights } from '../../../../src-main/sae/architectures/index.ts'
import type { TraineeConfig } from '../../../../src-main/sae/backend.ts'
import { finishedWeights } from '../../../../src-main/sae/train/finished-weights.ts'
import { normaliseRows } from '../../../../src-main/sae/train/input-scale.ts'
import { reconstruct } from '../../../../src-main/sae/train/reconstruct.ts'
import type { SaeWeights } from '../../../../src-main/sae/weights.ts'

const D = 5
const size = { dIn: D, dSae: 12, adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, deadAfter: 100 }
const largest = { k: 3, auxK: 2, decoderNorm: 'free' as const }
const configs: TraineeConfig[] = [
  { ...size, architecture: 'tied' },
  { ...size, architecture: 'standard', decoderNorm: 'free' },
  { ...size, architecture: 'topk', ...largest },
  { ...size, architecture: 'batchtopk', ...largest, thresholdRate: 0.1 },
  { ...size, architecture: 'jumprelu', decoderNorm: 'free', bandwidth: 0.1 },
  { ...size, architecture: 'gated', decoderNorm: 'free' },
  { ...size, architecture: 'matryoshka', ...largest, thresholdRate: 0.1, widths: [6, 12] },
]

/** A state whose every parameter is random, thresholds included. */
function randomState(config: TraineeConfig) {
  const random = seededRandom(4)
  const state = initialState(
    config,
    2,
    Float32Array.from({ length: D }, () => normal(random)),
  )
  const { bEnc, bMag, rMag, decoder } = state.parameters
  for (const values of [bEnc, bMag, rMag]) values?.forEach((_, i) => (values[i] = 0.2 * normal(random)))
  decoder?.forEach((v, i) => (decoder[i] = v * (1 + Math.floor(i / D))))
  return { ...state, threshold: 0.3 }
}

const random = seededRandom(9)
const activations = Float32Array.from({ length: 40 * D }, () => 30 * normal(random))

async function reconstructionOf(weights: SaeWeights, x: Float32Array): Promise<Float32Array> {
  const encoder = await openEncoder(weights)
  const codes = await encoder.encode(x, x.length / D)
  await encoder.close()
  expect(codes.start.at(-1), 'something fires').toBeGreaterThan(20)
  return reconstruct(weights, codes, x)
}

test.each(configs)(
  '$architecture: what is saved gives on activations what was trained on scaled ones',
  async (config) => {
    const state = randomState(config)
    const factor = 0.04
    const scaled = activations.map((v) => v * factor)
    const expected = await reconstructionOf(saeWeights(config, state), scaled)
    const finished = finishedWeights(config, state, { normalisation: 'expected_average_only_in' }, factor)
    const found = await reconstructionOf(finished, activations)
    found.forEach((value, i) => expect(value * factor).toBeCloseTo(expected[i], 4))
  },
)

test.each(['constant_norm_rescale', 'layer_norm'] as const)(
  '%s: what is saved undoes the normalisation of each token',
  async (normalisation) => {
    const config = configs[1]
    const state = randomState(config)
    const normal = activations.slice()
    normaliseRows(normal, D, normalisation, 1)
    const expected = await reconstructionOf(saeWeights(config, state), normal)
    const found = await reconstructionOf(finishedWeights(config, state, { normalisation }, 1), activations)
    // The error in normalised units is the error in activation units over the token's scale.
    normaliseBy(activations, found, normalisation)
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 4))
  },
)

/** Applies to `y` the normalisation that belongs to the tokens of `x`. */
function normaliseBy(
  x: Float32Array,
  y: Float32Array,
  normalisation: 'constant_norm_rescale' | 'layer_norm',
): void {
  for (let at = 0; at < x.length; at += D) {
    const row = [...x.subarray(at, at + D)]
    const mean = normalisation === 'layer_norm' ? row.reduce((sum, v) => sum + v, 0) / D : 0
    const square = row.reduce((sum, v) => sum + (v - mean) ** 2, 0)
    const scale = normalisation === 'layer_norm' ? Math.sqrt(square / (D - 1)) + 1e-5 : Math.sqrt(square / D)
    for (let i = at; i < at + D; i++) y[i] = (y[i] - mean) / scale
  }
}

test('features that fire on their own get decoder rows of norm 1', () => {
  const finished = finishedWeights(configs[1], randomState(configs[1]), { normalisation: 'none' }, 1)
  for (let j = 0; j < size.dSae; j++)
    expect(Math.hypot(...finished.decoder.subarray(j * D, (j + 1) * D))).toBeCloseTo(1, 5)
})
