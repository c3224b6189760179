import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { openTensorflowBackend, tensorflowBackendOn } from '../../../src-main/backends/tensorflow/backend.ts'
import { root } from '../../../src-main/places.ts'
import { problemOf } from '../../../src-preload/contract/problem.ts'
import { EXAMPLE_DEAD, EXAMPLE_KINDS } from '../math/example.ts'
import { expectStepsAsInMath } from './step-against-math.ts'

const backend = tensorflowBackendOn(tf)

beforeAll(async () => {
  await tf.setBackend('cpu')
})

// Automatic differentiation is also the second witness for the gradients by hand in math/.
describe('a step by automatic differentiation is the plain float64 step', () => {
  for (const [title, kind] of Object.entries(EXAMPLE_KINDS))
    test(title, async () => {
      await expectStepsAsInMath(backend, kind, { dead: EXAMPLE_DEAD, settings: { cosine: 0.9 } })
    })
})

test('clipping is to the norm of all gradients together', async () => {
  const { gradientNorm } = await expectStepsAsInMath(backend, EXAMPLE_KINDS.tied, {
    settings: { clipNorm: 0.1 },
  })
  expect(gradientNorm).toBeGreaterThan(0.1)
})

test('steps leave no tensors behind', async () => {
  const before = tf.memory().numTensors
  await expectStepsAsInMath(backend, EXAMPLE_KINDS['gated, free decoder'])
  expect(tf.memory().numTensors).toBe(before)
})

const complete =
  process.env['SUTURE_TENSORFLOW'] !== undefined ||
  existsSync(join(root, 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node'))

test.skipIf(complete)(
  'where TensorFlow cannot be loaded, the reason and what completes it are said',
  async () => {
    const problem = problemOf(await openTensorflowBackend().catch((error: unknown) => error))
    expect(problem.subject).toBe('tensorflow backend')
    expect(problem.message).toMatch(/Cannot find module '@tensorflow\/tfjs-node-gpu'|native addon module/)
    expect(problem.next).toMatch(/npm explore @tensorflow\/tfjs-node-gpu|SUTURE_TENSORFLOW/)
  },
)
