import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { WEBGPU_EXAMPLES, type Difference } from './webgpu-examples.ts'

// A GPU in software: Debian's chromium package brings SwiftShader and a Vulkan loader.
const ICD = '/usr/lib/chromium/vk_swiftshader_icd.json'
const withSwiftShader = test.skipIf(!existsSync(ICD))

describe('on webgpu', () => {
  let found: Record<string, Difference>
  beforeAll(() => {
    if (!existsSync(ICD)) return
    const env = { ...process.env, VK_ICD_FILENAMES: ICD, LD_LIBRARY_PATH: dirname(ICD) }
    const child = [join(import.meta.dirname, 'webgpu-child.ts'), JSON.stringify(WEBGPU_EXAMPLES)]
    found = JSON.parse(execFileSync(process.execPath, child, { env, encoding: 'utf8' }))
  }, 600_000)

  for (const name of Object.keys(WEBGPU_EXAMPLES))
    withSwiftShader(`${name} gives the reference activations, logits and losses, spliced too`, () => {
      const { hooks, activations, logits, losses, spliced } = found[name]
      expect(hooks).toBeGreaterThan(10)
      expect(activations).toBeLessThan(1e-4)
      expect(logits).toBeLessThan(1e-4)
      expect(losses).toBeLessThan(1e-4)
      expect(spliced).toBeLessThan(1e-4)
    })
})
