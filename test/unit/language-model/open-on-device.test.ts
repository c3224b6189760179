import { join } from 'node:path'
import { expect, test } from 'vitest'
import { chooseProviderOn } from '../../../src-main/backends/choose-provider.ts'
import type { Machine } from '../../../src-main/backends/choose.ts'
import { openOnDevice, rowToTry } from '../../../src-main/language-model/open-on-device.ts'
import type { Backend } from '../../../src-main/sae/backend.ts'
import { problem } from '../../../src-preload/contract/problem.ts'
import { fixtures, modelOf } from './model-of.ts'

const opened: Backend = { name: 'webgpu', open: () => Promise.reject(new Error('not opened here')) }
const missing = (): Promise<Backend> =>
  Promise.reject(problem('not-available', 'webgpu backend', 'no adapter', 'Do something.'))

/** A machine with or without an adapter, and what it multiplies at. */
const machine = (hasAdapter: boolean, webgpu = 1000): Machine => ({
  open: { cpu: missing, webgpu: hasAdapter ? () => Promise.resolve(opened) : missing, tensorflow: missing },
  productRate: (on) => Promise.resolve(on === 'cpu' ? 100 : webgpu),
})

test('a model runs on the GPU by itself where it is fast, and where it is asked for on any', async () => {
  expect(await chooseProviderOn(machine(true))('auto')).toEqual({ provider: 'webgpu', reason: null })
  const slow = chooseProviderOn(machine(true, 50))
  expect(await slow('auto')).toMatchObject({
    provider: 'cpu',
    reason: expect.stringMatching(/^webgpu backend: it multiplies at 50 GFLOP\/s, the cpu at 100;/),
  })
  expect(await slow('webgpu')).toEqual({ provider: 'webgpu', reason: null })
  expect(await slow('cpu')).toEqual({ provider: 'cpu', reason: null })
})

test('without an adapter it runs on the cpu, and the reason is kept', async () => {
  const choice = await chooseProviderOn(machine(false))('webgpu')
  expect(choice).toEqual({ provider: 'cpu', reason: 'webgpu backend: no adapter.' })
})

test('a GPU that gives other numbers than the cpu is not used, and the reason says by how much', async () => {
  const model = await modelOf(join(fixtures, 'qwen2'))
  let asked = 0
  const { languageModel, provider, reason } = await openOnDevice(model, {
    device: 'webgpu',
    choose: () => Promise.resolve({ provider: 'webgpu', reason: null }),
    attempt: () => Promise.resolve([Float32Array.of(1, 2 + 0.01 * asked++)]),
  })
  expect(provider).toBe('cpu')
  expect(reason).toBe(
    'qwen2: on the GPU a row differs from the same on the cpu by 5.0e-3 of its largest value, more than 0.0001.',
  )
  expect(await languageModel.tokenLoss(rowToTry(model, 4), 1)).toHaveLength(3)
  await languageModel.close()
})

test('a GPU on which the model fails is not used, and the reason is the failure', async () => {
  const { languageModel, provider, reason } = await openOnDevice(await modelOf(join(fixtures, 'qwen2')), {
    device: 'webgpu',
    choose: () => Promise.resolve({ provider: 'webgpu', reason: null }),
    attempt: () => Promise.reject(problem('not-available', 'qwen2', 'out of memory')),
  })
  expect(provider).toBe('cpu')
  expect(reason).toBe('On the GPU it failed. qwen2: out of memory.')
  await languageModel.close()
})
