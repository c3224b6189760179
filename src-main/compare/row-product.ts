import { InferenceSession, Tensor } from 'onnxruntime-node'
import { writeOnnxModel } from '../language-model/onnx-writer.ts'
import { allowedThreads } from '../store/allowed-threads.ts'

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

/** c = x · yᵀ. With `y` given it is a constant, which the runtime packs once; else it comes with every product. */
function model(d: number, y?: { rows: Float32Array; count: number }): Uint8Array {
  const gemm = {
    op: 'Gemm',
    domain: '',
    inputs: ['x', 'y'],
    outputs: ['c'],
    attributes: { transB: { int: 1 } },
  }
  const bytes = y && new Uint8Array(y.rows.buffer, y.rows.byteOffset, y.rows.byteLength)
  return writeOnnxModel({
    nodes: [gemm],
    tensors: y && bytes ? [{ name: 'y', type: 'f32', dims: [y.count, d], data: bytes }] : [],
    inputs: [
      { name: 'x', type: 'f32', dims: ['xRows', d] },
      ...(y ? [] : [{ name: 'y', type: 'f32' as const, dims: ['yRows', d] }]),
    ],
    outputs: [{ name: 'c', type: 'f32', dims: ['xRows', y ? y.count : 'yRows'] }],
  })
}

export interface ProductOptions {
  threads?: number
}

const openSession = (
  bytes: Uint8Array,
  { threads = allowedThreads() ?? undefined }: ProductOptions,
): Promise<InferenceSession> =>
  InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    enableCpuMemArena: false,
    ...(threads !== undefined && { intraOpNumThreads: threads }),
  })

const matrix = (rows: Float32Array, count: number, d: number): Tensor =>
  new Tensor('float32', rows.subarray(0, count * d), [count, d])

export async function openRowProduct(d: number, options: ProductOptions = {}): Promise<RowProduct> {
  const session = await openSession(model(d), options)
  return {
    async multiply(x, xRows, y, yRows, out) {
      const product = out.subarray(0, xRows * yRows)
      const feeds = { x: matrix(x, xRows, d), y: matrix(y, yRows, d) }
      await session.run(feeds, { c: new Tensor('float32', product, [xRows, yRows]) })
      return product
    },
    close: () => session.release(),
  }
}

/** All dot products of rows with rows that stay the same: about a sixth faster, where they are used many times. */
export interface FixedProduct {
  /** As RowProduct.multiply, with y as it was when opened. */
  multiply(x: Float32Array, xRows: number, out: Float32Array): Promise<Float32Array>
  close(): Promise<void>
}

export async function openFixedProduct(
  y: Float32Array,
  yRows: number,
  d: number,
  options: ProductOptions = {},
): Promise<FixedProduct> {
  const session = await openSession(model(d, { rows: y, count: yRows }), options)
  return {
    async multiply(x, xRows, out) {
      const product = out.subarray(0, xRows * yRows)
      await session.run({ x: matrix(x, xRows, d) }, { c: new Tensor('float32', product, [xRows, yRows]) })
      return product
    },
    close: () => session.release(),
  }
}
