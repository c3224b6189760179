import { InferenceSession, Tensor } from 'onnxruntime-node'
import { Graph } from './webgpu/graph.ts'

const ROWS = 512
const COLUMNS = 2048
const DEPTH = 768
/** The first one compiles. */
const TRIES = 3

/** GFLOP/s of a dense product of a training step's proportions, on one thread of the cpu or on the GPU. */
export async function productRate(on: 'cpu' | 'webgpu'): Promise<number> {
  const g = new Graph()
  const product = g.product(g.input('a', [ROWS, DEPTH]), g.input('b', [COLUMNS, DEPTH]), { b: true })
  // A small result, so that its way back from the GPU does not count.
  g.output('sums', g.rowSums(product), [ROWS, 1])
  const session = await InferenceSession.create(g.bytes(), {
    executionProviders: [on],
    enableCpuMemArena: false,
    intraOpNumThreads: 1,
  })
  const ones = (rows: number): Tensor =>
    new Tensor('float32', new Float32Array(rows * DEPTH).fill(1), [rows, DEPTH])
  const feeds = { a: ones(ROWS), b: ones(COLUMNS) }
  let best = Infinity
  for (let i = 0; i <= TRIES; i++) {
    const began = performance.now()
    await session.run(feeds)
    if (i > 0) best = Math.min(best, performance.now() - began)
  }
  await session.release()
  return (2 * ROWS * COLUMNS * DEPTH) / best / 1e6
}
