import { describe, expect, test } from 'vitest'
import { Arena, type Floats } from '../../../src-main/backends/cpu/arena.ts'
import { integerProductIsExact } from '../../../src-main/backends/cpu/integer-product.ts'
import { kernelsOn } from '../../../src-main/backends/cpu/kernel-module.ts'
import { CpuTrainee } from '../../../src-main/backends/cpu/trainee.ts'
import { normal, seededRandom } from '../../../src-main/math/random.ts'
import { initialState } from '../../../src-main/sae/architectures/index.ts'
import type { StepReport, TraineeConfig, TraineeState } from '../../../src-main/sae/backend.ts'
import { ADAM, SETTINGS } from './take-steps.ts'

const ROWS = 128
const size = { dIn: 96, dSae: 2000, adam: ADAM, deadAfter: 500 }
const configs: TraineeConfig[] = [
  { ...size, architecture: 'standard', decoderNorm: 'unit' },
  { ...size, architecture: 'topk', decoderNorm: 'unit', k: 8, auxK: 0 },
  { ...size, architecture: 'topk', decoderNorm: 'unit', k: 8, auxK: 4 },
  { ...size, architecture: 'batchtopk', decoderNorm: 'unit', k: 8, auxK: 0, thresholdRate: 0.01 },
  { ...size, architecture: 'jumprelu', decoderNorm: 'unit', bandwidth: 0.1 },
  { ...size, architecture: 'gated', decoderNorm: 'unit' },
]

const label = (config: TraineeConfig): string =>
  `${config.architecture}${'auxK' in config && config.auxK > 0 ? ' with aux-k' : ''}`

/** Inputs of which some dimensions are much larger than others, and rows of very different norms. */
function unevenInputs(seed: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length: ROWS * size.dIn }, (_, i) => {
    const dimension = i % size.dIn === 7 ? 20 : 1
    return normal(random) * dimension * (1 + (Math.floor(i / size.dIn) % 5))
  })
}

/** A start at which few features fire, a tenth of them silent for long. */
function sparseStart(config: TraineeConfig): TraineeState {
  const state = initialState(config, 3)
  if (!('k' in config)) state.parameters.bEnc.fill(-20)
  for (let j = 0; j < size.dSae; j += 10) state.tokensSinceFired[j] = size.deadAfter
  return state
}

async function run(
  config: TraineeConfig,
  pruned: boolean,
): Promise<{ reports: StepReport[]; fires: number[][]; state: TraineeState }> {
  const options = { batchTokens: ROWS, threads: 2 }
  const trainee = await CpuTrainee.open(config, sparseStart(config), options, pruned)
  const reports: StepReport[] = []
  const fires: number[][] = []
  try {
    for (let step = 0; step < 3; step++) {
      const report = await trainee.step(unevenInputs(step), ROWS, { ...SETTINGS, learningRate: 1e-4 })
      reports.push(report)
      fires.push(Array.from(report.fires))
    }
    return { reports, fires, state: await trainee.read() }
  } finally {
    await trainee.dispose()
  }
}

const exact = await integerProductIsExact()

describe.skipIf(!exact)('a pruned encode finds what the full product finds', () => {
  for (const config of configs)
    test(label(config), async () => {
      const [full, pruned] = [await run(config, false), await run(config, true)]
      expect(pruned.fires).toEqual(full.fires)
      expect(full.reports[2].path).toBe('sparse')
      expect(pruned.reports[2].path).toBe('sparse, pruned')
      expect(pruned.reports[2].l0).toBeGreaterThan(1)
      for (const [step, { loss }] of pruned.reports.entries())
        expect(Math.abs(loss / full.reports[step].loss - 1)).toBeLessThan(1e-6)
      const [a, b] = [pruned.state.parameters.encoder, full.state.parameters.encoder]
      expect(a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0)).toBeLessThan(1e-5)
    })
})

test('where too much is in doubt the block is done in full', async () => {
  const config: TraineeConfig = { ...size, architecture: 'standard', decoderNorm: 'free' }
  const trainee = await CpuTrainee.open(
    config,
    initialState(config, 3),
    { batchTokens: ROWS, threads: 1 },
    true,
  )
  expect((await trainee.step(unevenInputs(1), ROWS, SETTINGS)).path).toBe('dense')
  await trainee.dispose()
})

describe('what the 8 bits lose stays within the bound', () => {
  /** Rows that are generic, that have one huge number, that are constant, and that are zero. */
  const rowsOf = (count: number, d: number, seed: number): Float32Array => {
    const random = seededRandom(seed)
    return Float32Array.from({ length: count * d }, (_, i) => {
      const row = Math.floor(i / d)
      if (row % 4 === 1 && i % d === 2) return 1000
      return row % 4 === 2 ? 0.3 : row % 4 === 3 ? 0 : normal(random)
    })
  }

  test('for every pair of rows and inputs, whatever the factors', () => {
    const [features, inputs, d] = [12, 8, 20]
    const arena = new Arena()
    const kernels = kernelsOn(arena.memory)
    const floats = (values: Float32Array): Floats => {
      const placed = arena.floats(values.length)
      placed.view.set(values)
      return placed
    }
    const [w, x] = [rowsOf(features, d, 1), rowsOf(inputs, d, 2)]
    const factor = Float32Array.from({ length: d }, (_, i) => 0.2 + (i % 5))
    const [encoder, input] = [floats(w), floats(x)]
    const [rowFactors, inputFactors] = [floats(factor), floats(factor.map((f) => 1 / f))]
    const [scales, norms, errors] = [0, 1, 2].map(() => arena.floats(features))
    const [rowErrors, rowNorms, inverses, lengths] = [0, 1, 2, 3].map(() => arena.floats(inputs))
    const [bytesOfRows, bytesOfInputs] = [arena.reserve(features * d), arena.reserve(inputs * d)]
    const ofRows = [bytesOfRows, scales.address, norms.address, errors.address]
    kernels.quantiseRows(encoder.address, 0, features, d, rowFactors.address, ...ofRows)
    const ofInputs = [bytesOfInputs, rowErrors.address, rowNorms.address, inverses.address, lengths.address]
    kernels.quantiseInputs(input.address, inputs, inputs, d, inputFactors.address, ...ofInputs)
    const [q, p] = [
      new Uint8Array(arena.memory.buffer, bytesOfRows),
      new Int8Array(arena.memory.buffer, bytesOfInputs),
    ]
    for (let j = 0; j < features; j++)
      for (let t = 0; t < inputs; t++) {
        let [product, inBytes] = [0, 0]
        for (let i = 0; i < d; i++) {
          product += w[j * d + i] * x[t * d + i]
          inBytes += (q[j * d + i] - 128) * p[i * inputs + t]
        }
        const bound = rowErrors.view[t] * norms.view[j] + rowNorms.view[t] * errors.view[j]
        const off = Math.abs(product * inverses.view[t] - inBytes * scales.view[j])
        expect(off).toBeLessThanOrEqual(bound)
      }
  })
})

describe.skipIf(!exact)('a pruned step depends on state and batch alone', () => {
  for (const config of configs)
    test(`${label(config)}: a new trainee goes on with the same bits, on any number of threads`, async () => {
      const options = { batchTokens: ROWS, threads: 1 }
      const settings = { ...SETTINGS, learningRate: 1e-4 }
      const first = await CpuTrainee.open(config, sparseStart(config), options, true)
      for (let step = 0; step < 2; step++) await first.step(unevenInputs(step), ROWS, settings)
      const saved = await first.read()
      const second = await CpuTrainee.open(config, saved, { ...options, threads: 2 }, true)
      for (let step = 2; step < 4; step++) {
        const x = unevenInputs(step)
        const [a, b] = [await first.step(x, ROWS, settings), await second.step(x, ROWS, settings)]
        expect([b.path, b.loss]).toEqual([a.path, a.loss])
      }
      expect(await second.read()).toEqual(await first.read())
      await Promise.all([first.dispose(), second.dispose()])
    })
})
