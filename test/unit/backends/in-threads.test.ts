import { expect, test } from 'vitest'
import { cpuBackend } from '../../../src-main/backends/cpu/backend.ts'
import { cpuBackendInThreads } from '../../../src-main/backends/in-threads.ts'
import { normal, seededRandom } from '../../../src-main/math/random.ts'
import { initialState } from '../../../src-main/sae/architectures/index.ts'
import type { Backend, StepSettings, TraineeConfig } from '../../../src-main/sae/backend.ts'

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
const configs = [8, 12, 20].map((dSae): TraineeConfig => ({
  architecture: 'topk',
  dIn: 6,
  dSae,
  adam,
  deadAfter: 100,
  decoderNorm: 'free',
  k: 3,
  auxK: 2,
}))
const settings: StepSettings = { learningRate: 0.01, sparsity: 0, aux: 0.1, cosine: 0, clipNorm: null }

/** Losses and states of three SAEs after some steps on the same batches. */
async function train(backend: Backend) {
  const options = { batchTokens: 32, threads: 1 }
  const trainees = await Promise.all(
    configs.map((config) => backend.open(config, initialState(config, 1), options)),
  )
  const random = seededRandom(5)
  const x = new Float32Array(new SharedArrayBuffer(32 * 6 * 4))
  const losses: number[][] = []
  for (let step = 0; step < 20; step++) {
    x.forEach((_, i) => (x[i] = normal(random)))
    const reports = await Promise.all(trainees.map((trainee) => trainee.step(x, 32, settings)))
    losses.push(reports.map(({ loss }) => loss))
  }
  const states = await Promise.all(trainees.map((trainee) => trainee.read()))
  await Promise.all(trainees.map((trainee) => trainee.dispose()))
  return { losses, states }
}

test('trainees in threads have the very numbers of trainees that are not', async () => {
  expect(await train(cpuBackendInThreads())).toEqual(await train(cpuBackend))
})

test('what fails in a thread fails here, as a Problem, and the trainee lives on', async () => {
  const [config] = configs
  const backend = cpuBackendInThreads()
  const trainee = await backend.open(config, initialState(config, 1), { batchTokens: 4, threads: 1 })
  const x = new Float32Array(8 * 6)
  await expect(trainee.step(x, 8, settings)).rejects.toThrow('it has 8 rows, 1 to 4 are possible')
  expect((await trainee.step(x, 4, settings)).loss).toBe(0)
  await trainee.dispose()
})
