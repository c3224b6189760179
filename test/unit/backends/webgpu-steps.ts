// Started by webgpu-trainee.test.ts as a process of its own, because a Vulkan loader is only found through the
// environment a process is started with: takes steps on webgpu and prints them as one JSON document.
import { openWebgpuBackend } from '../../../src-main/backends/webgpu/backend.ts'
import { EXAMPLE_KINDS } from '../math/example.ts'
import { CURVE_KINDS, CURVE_STEPS, WEBGPU_EXAMPLES } from './webgpu-examples.ts'
import { lossCurve, takeSteps } from './take-steps.ts'

const backend = await openWebgpuBackend()
const taken: Record<string, unknown> = {}
for (const [title, options] of Object.entries(WEBGPU_EXAMPLES))
  taken[title] = await takeSteps(backend, EXAMPLE_KINDS[title], options)
const curves: Record<string, number[]> = {}
for (const kind of CURVE_KINDS) curves[kind.architecture] = await lossCurve(backend, kind, CURVE_STEPS)

/** Typed arrays as lists. */
const plain = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value
console.log(JSON.stringify({ taken, curves }, plain))
