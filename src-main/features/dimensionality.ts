import { InferenceSession, Tensor } from 'onnxruntime-node'
import { writeOnnxModel, type OnnxNode, type OnnxValue } from '../language-model/onnx-writer.ts'
import { allowedThreads } from '../store/allowed-threads.ts'

/** Rows multiplied at once. */
const CHUNK = 8192

/**
 * Feature dimensionality ‖W_j‖² / Σ_i (Ŵ_j·W_i)² of every row of W [dSae, dIn]: 1 for a direction of its own, 1/n for
 * one that n features share. Toy Models of Superposition (2022). 0 for a row of zeros.
 *
 * Σ_i (Ŵ_j·W_i)² = Ŵ_j G Ŵ_jᵀ with G = WᵀW: dSae·dIn² multiplications instead of dSae²·dIn. `norms` is [dSae].
 */
export async function dimensionality(
  W: Float32Array,
  dIn: number,
  norms: Float64Array,
): Promise<Float32Array> {
  const gram = new Float64Array(dIn * dIn)
  await overRows(gramModel(dIn), W, dIn, {}, (part) => part.forEach((v, i) => (gram[i] += v)))
  const G = new Tensor('float32', Float32Array.from(gram), [dIn, dIn])
  const out = new Float32Array(norms.length)
  await overRows(quadraticModel(dIn), W, dIn, { G }, (shared, from) =>
    // Ŵ_j G Ŵ_jᵀ = W_j G W_jᵀ / ‖W_j‖²
    shared.forEach((s, i) => (out[from + i] = s > 0 ? norms[from + i] ** 4 / s : 0)),
  )
  return out
}

/** Runs a model on W chunk by chunk of rows. */
async function overRows(
  model: Uint8Array,
  W: Float32Array,
  dIn: number,
  inputs: Record<string, Tensor>,
  visit: (result: Float32Array, firstRow: number) => void,
): Promise<void> {
  const session = await InferenceSession.create(model, {
    executionProviders: ['cpu'],
    enableCpuMemArena: false,
    intraOpNumThreads: allowedThreads() ?? 0,
  })
  for (let from = 0; from * dIn < W.length; from += CHUNK) {
    const rows = W.subarray(from * dIn, (from + CHUNK) * dIn)
    const fed = { W: new Tensor('float32', rows, [rows.length / dIn, dIn]), ...inputs }
    visit((await session.run(fed))['out'].data as Float32Array, from)
  }
  await session.release()
}

const node = (
  op: string,
  inputs: string[],
  output: string,
  attributes: OnnxNode['attributes'] = {},
): OnnxNode => ({
  op,
  domain: '',
  inputs,
  outputs: [output],
  attributes,
})
const rowsOf = (dIn: number): OnnxValue => ({ name: 'W', type: 'f32', dims: ['rows', dIn] })

/** WᵀW of the rows given: [dIn, dIn]. */
const gramModel = (dIn: number): Uint8Array =>
  writeOnnxModel({
    nodes: [node('Gemm', ['W', 'W'], 'out', { transA: { int: 1 } })],
    tensors: [],
    inputs: [rowsOf(dIn)],
    outputs: [{ name: 'out', type: 'f32', dims: [dIn, dIn] }],
  })

/** W_j G W_jᵀ of every row given: [rows]. */
const quadraticModel = (dIn: number): Uint8Array =>
  writeOnnxModel({
    nodes: [
      node('MatMul', ['W', 'G'], 'WG'),
      node('Mul', ['WG', 'W'], 'products'),
      node('ReduceSum', ['products', 'axes'], 'out', { keepdims: { int: 0 } }),
    ],
    tensors: [{ name: 'axes', type: 'i64', dims: [1], data: new Uint8Array(BigInt64Array.of(1n).buffer) }],
    inputs: [rowsOf(dIn), { name: 'G', type: 'f32', dims: [dIn, dIn] }],
    outputs: [{ name: 'out', type: 'f32', dims: ['rows'] }],
  })
