import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { cpuBackend } from '../../../src-main/backends/cpu/backend.ts'
import { openWebgpuBackend } from '../../../src-main/backends/webgpu/backend.ts'
import { ProblemError } from '../../../src-preload/contract/problem.ts'
import { EXAMPLE_KINDS } from '../math/example.ts'
import { expectAsInMath } from './step-against-math.ts'
import { lossCurve, type TakenStep } from './take-steps.ts'
import { CURVE_KINDS, CURVE_STEPS, WEBGPU_EXAMPLES } from './webgpu-examples.ts'

// A GPU in software: Debian's chromium package brings SwiftShader and a Vulkan loader.
const ICD = '/usr/lib/chromium/vk_swiftshader_icd.json'
const withSwiftShader = test.skipIf(!existsSync(ICD))

describe('on webgpu', () => {
  let made: { taken: Record<string, TakenStep[]>; curves: Record<string, number[]> }
  beforeAll(() => {
    if (!existsSync(ICD)) return
    const env = { ...process.env, VK_ICD_FILENAMES: ICD, LD_LIBRARY_PATH: dirname(ICD) }
    const script = join(import.meta.dirname, 'webgpu-steps.ts')
    made = JSON.parse(execFileSync(process.execPath, [script], { env, encoding: 'utf8', maxBuffer: 1 << 28 }))
  }, 600_000)

  for (const [title, options] of Object.entries(WEBGPU_EXAMPLES))
    withSwiftShader(`a step of ${title} is the plain float64 step`, () => {
      expectAsInMath(made.taken[title], EXAMPLE_KINDS[title], options)
    })

  for (const kind of CURVE_KINDS)
    withSwiftShader(`a ${kind.architecture} run has the loss curve that it has on the cpu`, async () => {
      const expected = await lossCurve(cpuBackend, kind, CURVE_STEPS)
      const curve = made.curves[kind.architecture]
      expect(curve).toHaveLength(CURVE_STEPS)
      expect(expected[CURVE_STEPS - 1]).toBeLessThan(expected[0])
      for (const [step, loss] of curve.entries())
        expect(Math.abs(loss - expected[step]) / expected[step]).toBeLessThan(1e-4)
    })
})

test('where there is no adapter the reason is said', async () => {
  const reason = await openWebgpuBackend().then(
    () => null,
    (error: unknown) => error,
  )
  if (reason === null) return // this machine has a GPU
  expect(reason).toBeInstanceOf(ProblemError)
  expect((reason as ProblemError).message).toMatch(/^webgpu backend: Failed to get a WebGPU adapter/)
})
