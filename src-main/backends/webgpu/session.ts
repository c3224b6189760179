import { InferenceSession } from 'onnxruntime-node'
import { problem } from '#contract/problem.ts'
import type { Graph } from './graph.ts'

type Location = 'cpu' | 'gpu-buffer'

/**
 * A session on onnxruntime's webgpu provider.
 * @param outputs where all outputs stay, or each by its name
 * @throws Problem not-available when there is no adapter
 */
export async function openOnGpu(
  graph: Graph,
  outputs: Location | Record<string, Location>,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph.bytes(), {
      executionProviders: ['webgpu'],
      enableCpuMemArena: false,
      preferredOutputLocation: outputs,
    })
  } catch (error) {
    throw problem(
      'not-available',
      'webgpu backend',
      reasonOf(error),
      'Train on the cpu backend, or install a graphics driver.',
    )
  }
}

/** onnxruntime's message without its own source positions. */
function reasonOf(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return words.split('\n')[0].replace(/^.*? was false\. /, '')
}
