import { InferenceSession, Tensor } from 'onnxruntime-node'
import { writeOnnxModel } from '../language-model/onnx-writer.ts'

/** All dot products of two sets of rows, by onnxruntime's matrix product. */
export interface RowProduct {
  /** out[i, j] = x_i · y_j for x [xRows, d], y [yRows, d]; `out` has room for xRows · yRows and is returned cut to that. */
  multiply(
    x: Float32Array,
    xRows: number,
    y: Float32Array,
    yRows: number,
    out: Float32Array,
  ): Promise<Float32Array>
  close(): Promise<void>
}

/** c = x · yᵀ; packing y row by row is part of the product. */
const model = (d: number): Uint8Array =>
  writeOnnxModel({
    nodes: [
      { op: 'Gemm', domain: '', inputs: ['x', 'y'], outputs: ['c'], attributes: { transB: { int: 1 } } },
    ],
    tensors: [],
    inputs: [
      { name: 'x', type: 'f32', dims: ['xRows', d] },
      { name: 'y', type: 'f32', dims: ['yRows', d] },
    ],
    outputs: [{ name: 'c', type: 'f32', dims: ['xRows', 'yRows'] }],
  })

export async function openRowProduct(d: number, options: { threads?: number } = {}): Promise<RowProduct> {
  const session = await InferenceSession.create(model(d), {
    executionProviders: ['cpu'],
    enableCpuMemArena: false,
    ...(options.threads !== undefined && { intraOpNumThreads: options.threads }),
  })
  return {
    async multiply(x, xRows, y, yRows, out) {
      const product = out.subarray(0, xRows * yRows)
      const feeds = {
        x: new Tensor('float32', x.subarray(0, xRows * d), [xRows, d]),
        y: new Tensor('float32', y.subarray(0, yRows * d), [yRows, d]),
      }
      await session.run(feeds, { c: new Tensor('float32', product, [xRows, yRows]) })
      return product
    },
    close: () => session.release(),
  }
}
