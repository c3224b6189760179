import type { ModelDevice } from '#contract/model.ts'
import type { EngineSettings } from '#contract/settings.ts'

/** The part of onnxruntime that a model's graphs run on: the processor, or a GPU of any make. */
export type Provider = 'cpu' | 'webgpu'

export interface ProviderChoice {
  provider: Provider
  /** Why it is not another, in a sentence; null where what was asked for, or the only one there is, was taken. */
  reason: string | null
}

/**
 * What this machine has for a model that is to run on `device`. Given by whoever starts a job, since looking for an
 * adapter is the training backends' business.
 */
export type ChooseProvider = (device: ModelDevice) => Promise<ProviderChoice>

/** Where a model runs for work that goes where training does: null is whatever is fastest. */
export const deviceOf = (backend: EngineSettings['backend']): ModelDevice => {
  if (backend === null) return 'auto'
  return backend === 'webgpu' ? 'webgpu' : 'cpu'
}

/** For those who ask for nothing else. */
export const cpuOnly: ChooseProvider = () => Promise.resolve({ provider: 'cpu', reason: null })
