import { InferenceSession, Tensor } from 'onnxruntime-node'
import { writeOnnxModel } from '../language-model/onnx-writer.ts'
import { allowedThreads } from '../store/allowed-threads.ts'

/** Rows compared with all others at once. */
const CHUNK = 256

export interface Nearest {
  /** For each row its `k` nearest rows, itself first. */
  indices: number[][]
  /** 1 − cosine, to the same rows. */
  distances: number[][]
}

/** The `k` nearest rows of each row by cosine, exact; `rows` are [n, d] of norm 1. Yields the share that is done. */
export async function* nearestDirections(
  rows: Float32Array,
  d: number,
  k: number,
): AsyncGenerator<number, Nearest, void> {
  const n = rows.length / d
  const session = await InferenceSession.create(cosinesModel(d), {
    executionProviders: ['cpu'],
    enableCpuMemArena: false,
    intraOpNumThreads: allowedThreads() ?? 0,
  })
  const W = new Tensor('float32', rows, [n, d])
  const found: Nearest = { indices: [], distances: [] }
  for (let from = 0; from < n; from += CHUNK) {
    const to = Math.min(n, from + CHUNK)
    const some = new Tensor('float32', rows.subarray(from * d, to * d), [to - from, d])
    const cosines = (await session.run({ some, W }))['cosines'].data as Float32Array
    for (let row = 0; row < to - from; row++) {
      const nearest = largest(cosines.subarray(row * n, (row + 1) * n), k, from + row)
      found.indices.push(nearest.map(({ at }) => at))
      found.distances.push(nearest.map(({ value }) => Math.max(0, 1 - value)))
    }
    yield to / n
  }
  await session.release()
  return found
}

/** The `k` largest of a row of cosines; `self` is first whatever rounding says. */
function largest(values: Float32Array, k: number, self: number): { at: number; value: number }[] {
  const best = [{ at: self, value: Infinity }]
  for (let at = 0; at < values.length; at++) {
    if (at === self || (best.length === k && values[at] <= best[k - 1].value)) continue
    let place = best.length
    while (best[place - 1].value < values[at]) place--
    best.splice(place, 0, { at, value: values[at] })
    if (best.length > k) best.pop()
  }
  best[0].value = 1
  return best
}

/** some [m, d] · Wᵀ [d, n] */
const cosinesModel = (d: number): Uint8Array =>
  writeOnnxModel({
    nodes: [
      {
        op: 'Gemm',
        domain: '',
        inputs: ['some', 'W'],
        outputs: ['cosines'],
        attributes: { transB: { int: 1 } },
      },
    ],
    tensors: [],
    inputs: [
      { name: 'some', type: 'f32', dims: ['m', d] },
      { name: 'W', type: 'f32', dims: ['n', d] },
    ],
    outputs: [{ name: 'cosines', type: 'f32', dims: ['m', 'n'] }],
  })
