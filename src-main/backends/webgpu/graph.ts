import {
  dataType,
  writeOnnxModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from '../../language-model/onnx-writer.ts'

declare const isValue: unique symbol
/** The name of a float tensor that flows through the graph. */
export type Value = string & { readonly [isValue]: true }

/** Arithmetic as an ONNX graph, written the way a formula is. Everything is float32; masks are 0 and 1. */
export class Graph {
  readonly #nodes: OnnxNode[] = []
  readonly #tensors: OnnxTensor[] = []
  readonly #inputs: OnnxValue[] = []
  readonly #outputs: OnnxValue[] = []
  #made = 0

  input(name: string, dims: (number | string)[]): Value {
    this.#inputs.push({ name, type: 'f32', dims })
    return name as Value
  }

  output(name: string, value: Value, dims: (number | string)[]): void {
    this.#nodes.push({ op: 'Identity', domain: '', inputs: [value], outputs: [name], attributes: {} })
    this.#outputs.push({ name, type: 'f32', dims })
  }

  get outputNames(): string[] {
    return this.#outputs.map(({ name }) => name)
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return writeOnnxModel({
      nodes: this.#nodes,
      tensors: this.#tensors,
      inputs: this.#inputs,
      outputs: this.#outputs,
    })
  }

  number(value: number): Value {
    return this.#constant('f32', [1], new Float32Array([value]))
  }

  add = (a: Value, b: Value): Value => this.#node('Add', [a, b])
  sub = (a: Value, b: Value): Value => this.#node('Sub', [a, b])
  mul = (a: Value, b: Value): Value => this.#node('Mul', [a, b])
  div = (a: Value, b: Value): Value => this.#node('Div', [a, b])
  square = (a: Value): Value => this.mul(a, a)
  sqrt = (a: Value): Value => this.#node('Sqrt', [a])
  exp = (a: Value): Value => this.#node('Exp', [a])
  abs = (a: Value): Value => this.#node('Abs', [a])
  relu = (a: Value): Value => this.#node('Relu', [a])

  /** 1 where a > b, else 0. */
  above(a: Value, b: Value): Value {
    return this.#mask('Greater', a, b)
  }

  /** 1 where a ≥ b, else 0. */
  atLeast(a: Value, b: Value): Value {
    return this.#mask('GreaterOrEqual', a, b)
  }

  /** a where x > y, else b. */
  whereAbove(x: Value, y: Value, a: Value, b: Value): Value {
    return this.#node('Where', [this.#node('Greater', [x, y]), a, b])
  }

  /** op(a) · op(b), op the transpose where asked; two dimensions each. */
  product(a: Value, b: Value, transposed: { a?: boolean; b?: boolean } = {}): Value {
    const attributes = { transA: { int: transposed.a ? 1 : 0 }, transB: { int: transposed.b ? 1 : 0 } }
    return this.#node('Gemm', [a, b], attributes)
  }

  /** [m, n] → [1, n] */
  columnSums(a: Value): Value {
    return this.#reduce('ReduceSum', a, 0)
  }

  /** [m, n] → [m, 1] */
  rowSums(a: Value): Value {
    return this.#reduce('ReduceSum', a, 1)
  }

  /** [m, n] → [1, 1]; in two passes, since one pass over everything would be one workgroup's work. */
  sum(a: Value): Value {
    return this.columnSums(this.rowSums(a))
  }

  least(a: Value): Value {
    return this.#reduce('ReduceMin', this.#reduce('ReduceMin', a, 1), 0)
  }

  largest(a: Value): Value {
    return this.#reduce('ReduceMax', this.#reduce('ReduceMax', a, 1), 0)
  }

  /** The k-th largest of each row, [m, 1]. */
  kthLargest(a: Value, k: number): Value {
    const name = this.#name('TopK')
    const count = this.#constant('i64', [1], BigInt64Array.of(BigInt(k)))
    const attributes = { axis: { int: 1 }, largest: { int: 1 }, sorted: { int: 1 } }
    this.#nodes.push({
      op: 'TopK',
      domain: '',
      inputs: [a, count],
      outputs: [name, `${name}_at`],
      attributes,
    })
    return this.slice(name, 1, k - 1, k)
  }

  slice(a: Value, axis: number, from: number, to: number): Value {
    const at = (value: number): Value => this.#constant('i64', [1], BigInt64Array.of(BigInt(value)))
    return this.#node('Slice', [a, at(from), at(to), at(axis)])
  }

  concat(values: Value[], axis: number): Value {
    return values.length === 1 ? values[0] : this.#node('Concat', values, { axis: { int: axis } })
  }

  reshape(a: Value, dims: number[]): Value {
    return this.#node('Reshape', [a, this.#constant('i64', [dims.length], BigInt64Array.from(dims, BigInt))])
  }

  total(values: Value[]): Value {
    return values.reduce((sum, value) => this.add(sum, value))
  }

  #mask(op: string, a: Value, b: Value): Value {
    return this.#node('Cast', [this.#node(op, [a, b])], { to: { int: dataType('f32') } })
  }

  #reduce(op: string, a: Value, axis: number): Value {
    const axes = this.#constant('i64', [1], BigInt64Array.of(BigInt(axis)))
    return this.#node(op, [a, axes], { keepdims: { int: 1 } })
  }

  #node(op: string, inputs: Value[], attributes: Record<string, OnnxAttribute> = {}): Value {
    const name = this.#name(op)
    this.#nodes.push({ op, domain: '', inputs, outputs: [name], attributes })
    return name
  }

  #constant(type: 'f32' | 'i64', dims: number[], data: Float32Array | BigInt64Array): Value {
    const name = this.#name('constant')
    this.#tensors.push({ name, type, dims, data: new Uint8Array(data.buffer as ArrayBuffer) })
    return name
  }

  #name(hint: string): Value {
    return `${hint}_${this.#made++}` as Value
  }
}
