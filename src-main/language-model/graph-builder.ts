import type { Checkpoint } from './checkpoint.ts'
import type { Provider } from './provider.ts'
import {
  dataType,
  writeOnnxModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
} from './onnx-writer.ts'

declare const isValue: unique symbol
/** The name of a tensor that flows through the graph. */
export type Value = string & { readonly [isValue]: true }

export interface NodeOptions {
  attributes?: Record<string, OnnxAttribute>
  /** "com.microsoft" for onnxruntime's fused kernels. */
  domain?: '' | 'com.microsoft'
}
export interface BuiltGraph {
  bytes: Uint8Array<ArrayBuffer>
  /** The inputs the outputs really depend on. */
  inputs: string[]
  /** Nodes that stay on the cpu whatever the others run on, by name. */
  onCpu: string[]
  /** What the weights in it take in memory. */
  weightBytes: number
}

/**
 * Builds an ONNX graph node by node. Only what the chosen outputs depend on is written, so a graph that is asked for
 * the residual stream after block 3 holds no later block, and one whose residual stream is given holds no earlier one.
 */
export class GraphBuilder {
  /** What it is to run on, where that decides among kernels of the same result. */
  readonly provider: Provider
  readonly #checkpoint: Checkpoint
  readonly #nodes: OnnxNode[] = []
  readonly #tensors = new Map<string, OnnxTensor>()
  readonly #inputs = new Map<string, OnnxValue>()
  readonly #weights = new Map<string, Value>()
  readonly #onCpu: Value[] = []
  #made = 0
  constructor(checkpoint: Checkpoint, provider: Provider = 'cpu') {
    this.provider = provider
    this.#checkpoint = checkpoint
  }

  #name(hint: string): Value {
    return `${hint}_${this.#made++}` as Value
  }

  input(name: string, type: OnnxType, dims: readonly (number | string)[]): Value {
    this.#inputs.set(name, { name, type, dims })
    return name as Value
  }

  /** A node with several outputs. null leaves an optional input out. */
  nodes(op: string, inputs: readonly (Value | null)[], outputs: number, options: NodeOptions = {}): Value[] {
    const made = Array.from({ length: outputs }, () => this.#name(op))
    this.#nodes.push({
      op,
      domain: options.domain ?? '',
      inputs: inputs.map((input) => input ?? ''),
      outputs: made,
      attributes: options.attributes ?? {},
    })
    return made
  }

  node(op: string, inputs: readonly (Value | null)[], options: NodeOptions = {}): Value {
    return this.nodes(op, inputs, 1, options)[0]
  }

  /** A tensor of the checkpoint in its own type, read in place from the user's file. */
  #stored(name: string): { value: Value; type: OnnxType } {
    const { location, offset, length, type, shape } = this.#checkpoint.external(name)
    this.#tensors.set(name, { name, type, dims: shape, data: { location, offset, length } })
    return { value: name as Value, type }
  }

  /** A tensor of the checkpoint as f32. */
  weight(name: string): Value {
    const known = this.#weights.get(name)
    if (known) return known
    const { value: stored, type } = this.#stored(name)
    const value = type === 'f32' ? stored : this.cast(stored, 'f32')
    this.#weights.set(name, value)
    return value
  }

  /**
   * A matrix of the checkpoint as f32, for the product with x [n, width]. In a large checkpoint of 16 bits it stays so
   * in memory and is widened anew in every run, only once x is there: its shape is made to depend on that of x, by
   * adding zeros, since what depends on nothing is computed once and kept.
   */
  matrix(name: string, x: Value): Value {
    if (this.#checkpoint.isWidenedOnce) return this.weight(name)
    const { value: stored, type } = this.#stored(name)
    if (type === 'f32') return stored
    const zeros = this.mul(this.node('Shape', [x]), this.ints([0, 0]))
    const shape = this.add(this.ints(this.#checkpoint.external(name).shape), zeros)
    return this.cast(this.reshape(stored, shape), 'f32')
  }

  /**
   * The rows of a table of the checkpoint that the indices name, as f32; the table itself stays in its own type, and in
   * the cpu's memory: a GPU need not hold it for the few rows of it that a run takes, nor compute in 16 bits.
   */
  tableRows(name: string, indices: Value): Value {
    const { value: table, type } = this.#stored(name)
    const rows = this.gather(table, indices)
    const widened = type === 'f32' ? rows : this.cast(rows, 'f32')
    this.#onCpu.push(rows, widened)
    return widened
  }

  #constant(type: OnnxType, dims: readonly number[], data: ArrayBufferView): Value {
    const name = this.#name('constant')
    const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
    this.#tensors.set(name, { name, type, dims, data: bytes })
    return name
  }

  floats(dims: readonly number[], data: Float32Array): Value {
    return this.#constant('f32', dims, data)
  }

  float(value: number): Value {
    return this.floats([], Float32Array.of(value))
  }

  ints(values: readonly number[]): Value {
    return this.#constant('i64', [values.length], BigInt64Array.from(values, BigInt))
  }

  int(value: number): Value {
    return this.#constant('i64', [], BigInt64Array.of(BigInt(value)))
  }

  int32(value: number): Value {
    return this.#constant('i32', [], Int32Array.of(value))
  }

  /** Rows of a matrix as another shape; −1 stands for whatever is left. No bytes move. */
  reshape(x: Value, shape: readonly number[] | Value): Value {
    return this.node('Reshape', [x, typeof shape === 'string' ? shape : this.ints(shape)])
  }

  cast(x: Value, type: OnnxType): Value {
    return this.node('Cast', [x], { attributes: { to: { int: dataType(type) } } })
  }

  gather(table: Value, indices: Value): Value {
    return this.node('Gather', [table, indices])
  }

  /** @param order which dimension of x comes first, second, … */
  transpose(x: Value, order: readonly number[]): Value {
    return this.node('Transpose', [x], { attributes: { perm: { ints: order } } })
  }

  /** A matrix cut along a dimension into q, k and v. */
  thirds(x: Value, axis: number): [Value, Value, Value] {
    const attributes = { axis: { int: axis }, num_outputs: { int: 3 } }
    return this.nodes('Split', [x], 3, { attributes }) as [Value, Value, Value]
  }

  add(a: Value, b: Value): Value {
    return this.node('Add', [a, b])
  }

  mul(a: Value, b: Value): Value {
    return this.node('Mul', [a, b])
  }

  /** A tensor's own bytes, or those of it as f32 where it is widened when the graph is opened. */
  #bytesInMemory({ name, dims, data }: OnnxTensor): number {
    return this.#weights.has(name) ? 4 * dims.reduce((n, size) => n * size, 1) : data.length
  }

  /** The model's bytes, with these outputs under these names. */
  build(outputs: Readonly<Record<string, { value: Value; dims: readonly (number | string)[] }>>): BuiltGraph {
    const named = Object.entries(outputs).map(([name, { value, dims }]) => {
      this.#nodes.push({ op: 'Identity', domain: '', inputs: [value], outputs: [name], attributes: {} })
      return { name, type: 'f32' as const, dims }
    })
    const needed = new Set(named.map(({ name }) => name))
    const nodes = this.#nodes
      .toReversed()
      .filter((node) => {
        if (!node.outputs.some((output) => needed.has(output))) return false
        for (const input of node.inputs) needed.add(input)
        return true
      })
      .reverse()
    const inputs = [...this.#inputs.values()].filter(({ name }) => needed.has(name))
    const tensors = [...this.#tensors.values()].filter(({ name }) => needed.has(name))
    return {
      bytes: writeOnnxModel({ nodes, tensors, inputs, outputs: named }),
      inputs: inputs.map(({ name }) => name),
      onCpu: this.#onCpu.filter((name) => needed.has(name)),
      weightBytes: tensors.reduce((sum, tensor) => sum + this.#bytesInMemory(tensor), 0),
    }
  }
}
