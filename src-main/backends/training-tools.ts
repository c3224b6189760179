import { availableParallelism } from 'node:os'
import type { TrainingTools } from '../sae/train/open-run.ts'
import { openEncoder } from './cpu/encoder.ts'

/** Where training steps and encodes run on this machine; a backend is loaded when a run asks for it. */
export const trainingTools: TrainingTools = {
  backends: {
    cpu: async (several) =>
      several
        ? (await import('./in-threads.ts')).cpuBackendInThreads()
        : (await import('./cpu/backend.ts')).cpuBackend,
    webgpu: async () => (await import('./webgpu/backend.ts')).openWebgpuBackend(),
    tensorflow: async () => (await import('./tensorflow/backend.ts')).openTensorflowBackend(),
  },
  openEncoder: (weights) => openEncoder(weights, { threads: availableParallelism() }),
}
