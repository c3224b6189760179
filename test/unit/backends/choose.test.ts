import { expect, test } from 'vitest'
import { chooseBackend, type Machine } from '../../../src-main/backends/choose.ts'
import { productRate } from '../../../src-main/backends/product-rate.ts'
import type { Backend, BackendName } from '../../../src-main/sae/backend.ts'
import { problem } from '../../../src-preload/contract/problem.ts'

const backend = (name: BackendName): Backend => ({
  name,
  open: () => Promise.reject(new Error('not opened here')),
})

/** A machine that has these backends, and multiplies so fast. */
function machine(has: BackendName[], rates = { cpu: 100, webgpu: 1000 }): Machine {
  const opener = (name: BackendName) => async (): Promise<Backend> => {
    if (!has.includes(name))
      throw problem('not-available', `${name} backend`, 'it is not here', 'Do something.')
    return backend(name)
  }
  return {
    open: { cpu: opener('cpu'), webgpu: opener('webgpu'), tensorflow: opener('tensorflow') },
    productRate: async (on) => rates[on],
  }
}

test('TensorFlow is taken where it loads', async () => {
  const { backend, reasons } = await chooseBackend(machine(['cpu', 'webgpu', 'tensorflow']))
  expect(backend.name).toBe('tensorflow')
  expect(reasons).toEqual([])
})

test('a fast GPU is taken next, and it is said why TensorFlow was not', async () => {
  const { backend, reasons } = await chooseBackend(machine(['cpu', 'webgpu']))
  expect(backend.name).toBe('webgpu')
  expect(reasons).toEqual(['tensorflow backend: it is not here.'])
})

test('a GPU that is hardly faster than the cpu is left alone', async () => {
  const { backend, reasons } = await chooseBackend(machine(['cpu', 'webgpu'], { cpu: 100, webgpu: 300 }))
  expect(backend.name).toBe('cpu')
  expect(reasons[1]).toBe(
    'webgpu backend: it multiplies at 300 GFLOP/s, the cpu at 100; it pays from 5 times as fast on.',
  )
})

test('the cpu is always there', async () => {
  const { backend, reasons } = await chooseBackend(machine(['cpu']))
  expect(backend.name).toBe('cpu')
  expect(reasons).toHaveLength(2)
})

test('the rate of products is measured', async () => {
  expect(await productRate('cpu')).toBeGreaterThan(0.5)
})
