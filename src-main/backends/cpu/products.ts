import { InferenceSession, Tensor } from 'onnxruntime-node'
import { writeOnnxModel, type OnnxValue } from '../../language-model/onnx-writer.ts'

/** A matrix of floats in the shared memory, rows × columns, without gaps. */
export interface Matrix {
  address: number
  rows: number
  columns: number
}

/**
 * Dense products by onnxruntime, in place on the shared memory: inputs are read and outputs written where they lie.
 * One thread by default: the threads of a trainee take different rows instead, so no pool waits on another.
 */
export class Products {
  readonly #memory: WebAssembly.Memory
  readonly #threads: number
  /** Spent in products so far. */
  milliseconds = 0
  readonly #sessions = new Map<string, Promise<InferenceSession>>()

  constructor(memory: WebAssembly.Memory, threads = 1) {
    this.#memory = memory
    this.#threads = threads
  }

  /** out [m, n] = a [m, k] · bᵀ, b [n, k] */
  timesTransposed(a: Matrix, b: Matrix, out: Matrix): Promise<void> {
    return this.#run('abT', { transB: 1 }, { a, b }, out)
  }

  /** out [m, n] = aᵀ · b, a [k, m], b [k, n] */
  transposedTimes(a: Matrix, b: Matrix, out: Matrix): Promise<void> {
    return this.#run('aTb', { transA: 1 }, { a, b }, out)
  }

  /** out [m, n] = a [m, k] · b [k, n] + c [m, n]; out and c must not be the same memory. */
  timesPlus(a: Matrix, b: Matrix, c: Matrix, out: Matrix): Promise<void> {
    return this.#run('ab+c', {}, { a, b, c }, out)
  }

  async release(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release()
    this.#sessions.clear()
  }

  async #run(
    form: string,
    flags: Record<string, number>,
    inputs: Record<string, Matrix>,
    out: Matrix,
  ): Promise<void> {
    let session = this.#sessions.get(form)
    if (!session) this.#sessions.set(form, (session = openGemm(Object.keys(inputs), flags, this.#threads)))
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, matrix]) => [name, this.#tensor(matrix)]),
    )
    const ready = await session
    const began = performance.now()
    await ready.run(feeds, { out: this.#tensor(out) })
    this.milliseconds += performance.now() - began
  }

  #tensor({ address, rows, columns }: Matrix): Tensor {
    const view = new Float32Array(this.#memory.buffer, address, rows * columns)
    return new Tensor('float32', view, [rows, columns])
  }
}

function openGemm(
  inputs: string[],
  flags: Record<string, number>,
  threads: number,
): Promise<InferenceSession> {
  const value = (name: string): OnnxValue => ({
    name,
    type: 'f32',
    dims: [`${name}_rows`, `${name}_columns`],
  })
  const attributes = Object.fromEntries(Object.entries(flags).map(([name, int]) => [name, { int }]))
  const model = writeOnnxModel({
    nodes: [{ op: 'Gemm', domain: '', inputs, outputs: ['out'], attributes }],
    tensors: [],
    inputs: inputs.map(value),
    outputs: [value('out')],
  })
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    enableCpuMemArena: false,
    intraOpNumThreads: threads,
  })
}
