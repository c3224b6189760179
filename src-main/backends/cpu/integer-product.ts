import { InferenceSession, Tensor } from 'onnxruntime-node'
import { writeOnnxModel } from '../../language-model/onnx-writer.ts'

/** What is added to a signed byte to store it unsigned. */
const ZERO = 128

/** 8-bit products by onnxruntime in place on the shared memory, exact in 32 bits. */
export class IntegerProduct {
  readonly #memory: WebAssembly.Memory
  readonly #session: Promise<InferenceSession>
  /** Spent in products so far. */
  milliseconds = 0

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
    this.#session = openSession()
  }

  /** out [m, n] (32 bits) = (a − 128) [m, k] (unsigned bytes) · b [k, n] (signed bytes); addresses. */
  async multiply(a: number, b: number, out: number, m: number, k: number, n: number): Promise<void> {
    const { buffer } = this.#memory
    const session = await this.#session
    const began = performance.now()
    await session.run(
      {
        a: new Tensor('uint8', new Uint8Array(buffer, a, m * k), [m, k]),
        b: new Tensor('int8', new Int8Array(buffer, b, k * n), [k, n]),
      },
      { out: new Tensor('int32', new Int32Array(buffer, out, m * n), [m, n]) },
    )
    this.milliseconds += performance.now() - began
  }

  async release(): Promise<void> {
    await (await this.#session).release()
  }
}

function openSession(): Promise<InferenceSession> {
  const model = writeOnnxModel({
    nodes: [
      { op: 'MatMulInteger', domain: '', inputs: ['a', 'b', 'zero'], outputs: ['out'], attributes: {} },
    ],
    tensors: [{ name: 'zero', type: 'u8', dims: [], data: Uint8Array.of(ZERO) }],
    inputs: [
      { name: 'a', type: 'u8', dims: ['m', 'k'] },
      { name: 'b', type: 'i8', dims: ['k', 'n'] },
    ],
    outputs: [{ name: 'out', type: 'i32', dims: ['m', 'n'] }],
  })
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    enableCpuMemArena: false,
    intraOpNumThreads: 1,
  })
}

/**
 * Whether this processor's 8-bit products are exact: older instructions add pairs in 16 bits and saturate, which
 * would break the bound that pruning rests on.
 */
export async function integerProductIsExact(): Promise<boolean> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const [m, k, n] = [8, 64, 32]
  new Uint8Array(memory.buffer, 0, m * k).fill(255)
  new Int8Array(memory.buffer, 4096, k * n).fill(127)
  const product = new IntegerProduct(memory)
  try {
    await product.multiply(0, 4096, 16384, m, k, n)
    return new Int32Array(memory.buffer, 16384, m * n).every((sum) => sum === 127 * 127 * k)
  } finally {
    await product.release()
  }
}
