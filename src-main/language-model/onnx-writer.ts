// Writes an ONNX model as bytes: the few messages of onnx.proto3 a computation graph needs, in protobuf's wire format.
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (field numbers), https://protobuf.dev/programming-guides/encoding

export type OnnxType = 'f32' | 'f16' | 'bf16' | 'f64' | 'i8' | 'u8' | 'i32' | 'i64'
const DATA_TYPE: Record<OnnxType, number> = {
  f32: 1,
  u8: 2,
  i8: 3,
  i32: 6,
  i64: 7,
  f16: 10,
  f64: 11,
  bf16: 16,
}
export const dataType = (type: OnnxType): number => DATA_TYPE[type]

/** Bytes that stay in a file beside the model (ONNX external data). */
export interface ExternalBytes {
  /** Path relative to the folder the runtime is told of. */
  location: string
  offset: number
  length: number
}
export interface OnnxTensor {
  name: string
  type: OnnxType
  dims: readonly number[]
  data: Uint8Array | ExternalBytes
}
export type OnnxAttribute =
  { int: number } | { float: number } | { string: string } | { ints: readonly number[] }
export interface OnnxNode {
  op: string
  /** "" is ONNX's own set of operators. */
  domain: string
  /** "" leaves an optional input out. */
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, OnnxAttribute>>
}
/** An input or output; a dimension given as a word may have any size. */
export interface OnnxValue {
  name: string
  type: OnnxType
  dims: readonly (number | string)[]
}
export interface OnnxGraph {
  nodes: readonly OnnxNode[]
  tensors: readonly OnnxTensor[]
  inputs: readonly OnnxValue[]
  outputs: readonly OnnxValue[]
}

const IR_VERSION = 10
/** Operator sets by domain: ONNX's own, and the fused kernels that come with onnxruntime. */
const OPERATOR_SETS: Record<string, number> = { '': 23, 'com.microsoft': 1 }

/** One protobuf message under construction. */
class Message {
  readonly #parts: Uint8Array[] = []
  #length = 0

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes)
    this.#length += bytes.length
  }

  #varint(value: number): void {
    const bytes: number[] = []
    let rest = BigInt.asUintN(64, BigInt(value))
    do {
      bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0))
      rest >>= 7n
    } while (rest > 0n)
    this.#push(Uint8Array.from(bytes))
  }

  int(field: number, value: number): this {
    this.#varint(field << 3)
    this.#varint(value)
    return this
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5)
    this.#push(new Uint8Array(Float32Array.of(value).buffer))
    return this
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2)
    this.#varint(value.length)
    this.#push(value)
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish())
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }
}

// AttributeProto.type
const FLOAT = 1
const INT = 2
const STRING = 3
const INTS = 7

function attributeMessage(name: string, attribute: OnnxAttribute): Message {
  const out = new Message().text(1, name)
  if ('int' in attribute) return out.int(3, attribute.int).int(20, INT)
  if ('float' in attribute) return out.float(2, attribute.float).int(20, FLOAT)
  if ('string' in attribute) return out.text(4, attribute.string).int(20, STRING)
  for (const value of attribute.ints) out.int(8, value)
  return out.int(20, INTS)
}

function nodeMessage(node: OnnxNode): Message {
  const out = new Message()
  for (const input of node.inputs) out.text(1, input)
  for (const output of node.outputs) out.text(2, output)
  out.text(3, node.outputs[0]).text(4, node.op)
  for (const [name, attribute] of Object.entries(node.attributes))
    out.message(5, attributeMessage(name, attribute))
  return out.text(7, node.domain)
}

function tensorMessage(tensor: OnnxTensor): Message {
  const out = new Message()
  for (const size of tensor.dims) out.int(1, size)
  out.int(2, dataType(tensor.type)).text(8, tensor.name)
  if (tensor.data instanceof Uint8Array) return out.bytes(9, tensor.data)
  for (const [key, value] of Object.entries(tensor.data))
    out.message(13, new Message().text(1, key).text(2, String(value)))
  return out.int(14, 1)
}

function valueMessage(value: OnnxValue): Message {
  const shape = new Message()
  for (const size of value.dims)
    shape.message(1, typeof size === 'number' ? new Message().int(1, size) : new Message().text(2, size))
  const tensorType = new Message().int(1, dataType(value.type)).message(2, shape)
  return new Message().text(1, value.name).message(2, new Message().message(1, tensorType))
}

/** The bytes of a ModelProto holding this graph. Nodes must come in an order in which each follows what it reads. */
export function writeOnnxModel(graph: OnnxGraph): Uint8Array<ArrayBuffer> {
  const body = new Message()
  for (const node of graph.nodes) body.message(1, nodeMessage(node))
  body.text(2, 'suture')
  for (const tensor of graph.tensors) body.message(5, tensorMessage(tensor))
  for (const input of graph.inputs) body.message(11, valueMessage(input))
  for (const output of graph.outputs) body.message(12, valueMessage(output))
  const model = new Message().int(1, IR_VERSION).text(2, 'suture').message(7, body)
  for (const [domain, version] of Object.entries(OPERATOR_SETS))
    model.message(8, new Message().text(1, domain).int(2, version))
  return model.finish()
}
