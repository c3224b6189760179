import { problemOf, sentence } from '#contract/problem.ts'
import type { Backend, BackendName } from '../sae/backend.ts'

/** How each backend is loaded; a failure says why it is not to be had on this machine. */
export const openBackend: Record<BackendName, () => Promise<Backend>> = {
  cpu: async () => (await import('./cpu/backend.ts')).cpuBackend,
  webgpu: async () => (await import('./webgpu/backend.ts')).openWebgpuBackend(),
  tensorflow: async () => (await import('./tensorflow/backend.ts')).openTensorflowBackend(),
}

/**
 * A GPU makes the whole step in five dense products where the cpu makes one and goes from entry to entry for the rest,
 * so it has to multiply this many times as fast to be worth it. A GPU in software never is.
 */
const WORTHWHILE = 5

export interface Choice {
  backend: Backend
  /** Why no other one was chosen, one sentence each; empty when the first choice was to be had. */
  reasons: string[]
}

/** What is measured and opened; given, so that the choice can be tried without a GPU. */
export interface Machine {
  open: Record<BackendName, () => Promise<Backend>>
  /** GFLOP/s of a dense product. */
  productRate(on: 'cpu' | 'webgpu'): Promise<number>
}

/** The backend on which a step takes least time here: TensorFlow on CUDA, any other GPU that is fast, else the cpu. */
export async function chooseBackend(machine: Machine = thisMachine): Promise<Choice> {
  const reasons: string[] = []
  for (const name of ['tensorflow', 'webgpu'] as const) {
    try {
      const backend = await machine.open[name]()
      const tooSlow = name === 'webgpu' ? await whyTooSlow(machine) : null
      if (tooSlow === null) return { backend, reasons }
      reasons.push(tooSlow)
    } catch (error) {
      const { next: _, ...problem } = problemOf(error)
      reasons.push(sentence(problem))
    }
  }
  return { backend: await machine.open.cpu(), reasons }
}

/** Why the GPU does not pay here, in a sentence; null where it does. */
export async function whyTooSlow(machine: Machine): Promise<string | null> {
  const [gpu, cpu] = [await machine.productRate('webgpu'), await machine.productRate('cpu')]
  if (gpu >= WORTHWHILE * cpu) return null
  return (
    `webgpu backend: it multiplies at ${gpu.toFixed(0)} GFLOP/s, the cpu at ${cpu.toFixed(0)}; ` +
    `it pays from ${WORTHWHILE} times as fast on.`
  )
}

/** The machine this runs on. */
export const thisMachine: Machine = {
  open: openBackend,
  productRate: async (on) => (await import('./product-rate.ts')).productRate(on),
}
