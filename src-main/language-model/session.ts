import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { BuiltGraph } from './graph-builder.ts'

export interface SessionOptions {
  /** The folder in which the graph's external data lies. */
  root: string
  threads?: number | undefined
}
export type Feeds = Record<string, Tensor>

/** One graph, ready to run. `run` blocks the thread it is called on. */
export interface Session {
  /** @param feeds may hold more than the graph needs */
  run(feeds: Feeds): Promise<Record<string, Float32Array>>
  close(): Promise<void>
}

/** Weights are mapped from their files, not copied. */
export async function openSession({ bytes, inputs }: BuiltGraph, options: SessionOptions): Promise<Session> {
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    enableCpuMemArena: false,
    intraOpNumThreads: options.threads ?? 0,
    extra: { session: { model_external_initializers_file_folder_path: options.root } },
  })
  return {
    run: async (feeds) => {
      const results = await session.run(Object.fromEntries(inputs.map((name) => [name, feeds[name]])))
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]),
      )
    },
    close: () => session.release(),
  }
}

export const idsTensor = (ids: Int32Array, rows: number): Tensor =>
  new Tensor('int32', ids, [rows, ids.length / rows])
export const matrixTensor = (x: Float32Array, width: number): Tensor =>
  new Tensor('float32', x, [x.length / width, width])
