import { describe, expect, test } from 'vitest'
import {
  architectures,
  initialState,
  parameterShapes,
  saeWeights,
} from '../../../src-main/sae/architectures/index.ts'
import type { TraineeConfig } from '../../../src-main/sae/backend.ts'

const size = { dIn: 4, dSae: 6, adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, deadAfter: 100 }
const configs: TraineeConfig[] = [
  { ...size, architecture: 'tied' },
  { ...size, architecture: 'standard', decoderNorm: 'free' },
  { ...size, architecture: 'topk', decoderNorm: 'unit', k: 2, auxK: 1 },
  { ...size, architecture: 'batchtopk', decoderNorm: 'unit', k: 2, auxK: 1, thresholdRate: 0.01 },
  { ...size, architecture: 'jumprelu', decoderNorm: 'unit', bandwidth: 0.05 },
  { ...size, architecture: 'gated', decoderNorm: 'unit' },
  {
    ...size,
    architecture: 'matryoshka',
    decoderNorm: 'unit',
    k: 2,
    auxK: 1,
    thresholdRate: 0.01,
    widths: [2, 6],
  },
]

describe('every architecture starts', () => {
  for (const config of configs)
    test(config.architecture, () => {
      const state = initialState(config, 1)
      for (const { name, rows, width } of parameterShapes(config)) {
        expect(state.parameters[name], name).toHaveLength(rows * width)
        expect(state.firstMoments[name]).toEqual(new Float32Array(rows * width))
      }
      expect(Object.keys(state.parameters)).toHaveLength(parameterShapes(config).length)
      expect(initialState(config, 1)).toEqual(state)
      expect(initialState(config, 2)).not.toEqual(state)
    })
})

test('there is one description per architecture, with its paper', () => {
  expect(Object.keys(architectures).sort()).toEqual(configs.map(({ architecture }) => architecture).sort())
  for (const { paper } of Object.values(architectures)) expect(paper).toMatch(/\d{4}/)
})

test('the encoder begins as the transpose of the decoder, b_dec where it is asked to', () => {
  const bDec = Float32Array.of(1, 2, 3, 4)
  const { parameters } = initialState(configs[1], 1, bDec)
  expect(parameters.encoder).toEqual(parameters.decoder)
  expect(parameters.bDec).toEqual(bDec)
  expect(Math.hypot(...parameters.encoder.subarray(0, 4))).toBeCloseTo(0.1)
})

test('jumprelu thresholds are the exponential of what is learned, batchtopk has its running one on every feature', () => {
  const jump = saeWeights(configs[4], initialState(configs[4], 1))
  expect(jump.threshold?.[5]).toBeCloseTo(0.1)
  const batch = saeWeights(configs[3], { ...initialState(configs[3], 1), threshold: 0.7 })
  expect(batch.threshold?.length).toBe(6)
  expect(batch.threshold?.[5]).toBeCloseTo(0.7)
})

test('a tied SAE decodes with its encoder and leaves the input alone', () => {
  const weights = saeWeights(configs[0], initialState(configs[0], 1))
  expect(weights.decoder).toBe(weights.encoder)
  expect(weights.appliesBDecToInput).toBe(false)
})
