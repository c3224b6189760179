import { expect, test } from 'vitest'
import { cpuBackend } from '../../../src-main/backends/cpu/backend.ts'
import { normal, seededRandom } from '../../../src-main/math/random.ts'
import { initialState } from '../../../src-main/sae/architectures/index.ts'
import type { StepSettings, Trainee, TraineeConfig } from '../../../src-main/sae/backend.ts'

const size = { dIn: 20, dSae: 40, adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, deadAfter: 200 }
const free = { ...size, decoderNorm: 'free' as const }
const largest = { ...free, k: 5, auxK: 8 }
const configs: TraineeConfig[] = [
  { ...size, architecture: 'tied' },
  { ...free, architecture: 'standard' },
  { ...size, architecture: 'standard', decoderNorm: 'unit' },
  { ...largest, architecture: 'topk' },
  { ...largest, architecture: 'batchtopk', thresholdRate: 0.1 },
  { ...free, architecture: 'jumprelu', bandwidth: 0.1 },
  { ...free, architecture: 'gated' },
  { ...largest, architecture: 'matryoshka', thresholdRate: 0.1, widths: [10, 20, 40] },
]
const ROWS = 32

/** Losses of steps [from, to) on batches drawn by their number; sparsity goes up, so that both paths are taken. */
async function losses(trainee: Trainee, from: number, to: number): Promise<number[]> {
  const found: number[] = []
  for (let step = from; step < to; step++) {
    const random = seededRandom(step)
    const x = Float32Array.from({ length: ROWS * size.dIn }, () => normal(random))
    const settings: StepSettings = {
      learningRate: 0.01,
      sparsity: step / 10,
      aux: 0.1,
      cosine: 0,
      clipNorm: null,
    }
    found.push((await trainee.step(x, ROWS, settings)).loss)
  }
  return found
}

const label = (config: TraineeConfig): string =>
  `${config.architecture}${'decoderNorm' in config ? `, ${config.decoderNorm} decoder` : ''}`

test.each(configs.map((config) => [label(config), config] as const))(
  '%s: a state put into a new trainee goes on with the same bits',
  async (_label, config) => {
    const options = { batchTokens: ROWS, threads: 1 }
    const first = await cpuBackend.open(config, initialState(config, 1), options)
    await losses(first, 0, 15)
    const second = await cpuBackend.open(config, await first.read(), options)
    expect(await losses(second, 15, 30)).toEqual(await losses(first, 15, 30))
    expect(await second.read()).toEqual(await first.read())
    await Promise.all([first.dispose(), second.dispose()])
  },
)
