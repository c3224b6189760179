import type { Backend } from '../../sae/backend.ts'
import { Graph } from './graph.ts'
import { openOnGpu } from './session.ts'
import { WebgpuTrainee } from './trainee.ts'

/**
 * Training on a GPU of any make by onnxruntime's webgpu provider. Only one thread of a process may use it.
 * @throws Problem not-available when this machine has no adapter, with the reason
 */
export async function openWebgpuBackend(): Promise<Backend> {
  const g = new Graph()
  g.output('out', g.input('in', [1, 1]), [1, 1])
  await (await openOnGpu(g, 'cpu')).release()
  return {
    name: 'webgpu',
    open: (config, state, { batchTokens }) => WebgpuTrainee.open(config, state, batchTokens),
  }
}
