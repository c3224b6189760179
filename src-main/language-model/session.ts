import { totalmem } from 'node:os'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { problem } from '#contract/problem.ts'
import { allowedThreads } from '../store/allowed-threads.ts'
import type { BuiltGraph } from './graph-builder.ts'
import type { Provider } from './provider.ts'

export interface SessionOptions {
  /** The folder in which the graph's external data lies. */
  root: string
  threads?: number | undefined
  /** The cpu where left out. */
  provider?: Provider | undefined
}
export type Tensors = Record<string, Tensor>

/** One graph, ready to run. `run` blocks the thread it is called on. */
export interface Session {
  readonly provider: Provider
  /**
   * @param feeds may hold more than the graph needs
   * @param results one tensor for each output, written in place
   */
  run(feeds: Tensors, results: Tensors): Promise<void>
  close(): Promise<void>
}

function checkMemory({ weightBytes }: BuiltGraph, root: string): void {
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
  if (weightBytes > totalmem())
    throw problem(
      'not-available',
      root,
      `its weights take ${gigabytes(weightBytes)} of memory, this machine has ${gigabytes(totalmem())}`,
      'Choose an earlier hook point, a smaller model or a larger machine.',
    )
}

/** What onnxruntime calls the provider, with the nodes it is not to have. */
function executionProvider(
  provider: Provider,
  { onCpu }: BuiltGraph,
): InferenceSession.ExecutionProviderConfig {
  if (provider === 'cpu') return 'cpu'
  // An empty list is refused.
  return { name: 'webgpu', ...(onCpu.length > 0 && { forceCpuNodeNames: onCpu }) }
}

/**
 * Weights are mapped from their files, not copied; matrices are then laid out anew for the processor's kernels, or
 * copied to the GPU. What the GPU has no kernel for runs on the cpu. Results always come to the cpu's memory.
 */
export async function openSession(
  graph: BuiltGraph,
  { root, threads = allowedThreads() ?? 0, provider = 'cpu' }: SessionOptions,
): Promise<Session> {
  checkMemory(graph, root)
  const session = await InferenceSession.create(graph.bytes, {
    executionProviders: [executionProvider(provider, graph)],
    // That sizes of shapes are computed on the cpu is no cause for a warning.
    ...(provider === 'webgpu' && { logSeverityLevel: 3 as const }),
    enableCpuMemArena: false,
    intraOpNumThreads: threads,
    extra: {
      session: {
        model_external_initializers_file_folder_path: root,
        // Other threads of this machine get the processor while one waits, and a late one is waited for less:
        // products are cut into smaller blocks, handed out as threads come free.
        intra_op: { allow_spinning: '0' },
        dynamic_block_base: '4',
        // What attention masks becomes e^−88, and arithmetic on such numbers is a hundred times slower: they are 0.
        set_denormal_as_zero: '1',
      },
    },
  })
  return {
    provider,
    run: async (feeds, results) => {
      await session.run(Object.fromEntries(graph.inputs.map((name) => [name, feeds[name]])), results)
    },
    close: () => session.release(),
  }
}

export const idsTensor = (ids: Int32Array, rows: number): Tensor =>
  new Tensor('int32', ids, [rows, ids.length / rows])
export const matrixTensor = (x: Float32Array, width: number): Tensor =>
  new Tensor('float32', x, [x.length / width, width])
