// The layers all families are made of. Activations are matrices [rows·context, width] in f32.
import type { GraphBuilder, Value } from './graph-builder.ts'
import type { RotaryTables } from './rotary.ts'
import type { Rows } from './rows.ts'

const MICROSOFT = 'com.microsoft' as const

/** x Wᵀ + b with W [out, in], as torch.nn.Linear keeps it. */
export function linear(graph: GraphBuilder, x: Value, weight: string, bias?: string | false): Value {
  const inputs = [x, graph.weight(weight), ...(bias ? [graph.weight(bias)] : [])]
  return graph.node('Gemm', inputs, { attributes: { transB: { int: 1 } } })
}

/** x W + b with W [in, out], as GPT-2's Conv1D keeps it. */
export function conv1d(graph: GraphBuilder, x: Value, weight: string, bias: string): Value {
  return graph.node('Gemm', [x, graph.weight(weight), graph.weight(bias)])
}

export function layerNorm(graph: GraphBuilder, x: Value, name: string, epsilon: number): Value {
  return graph.node('LayerNormalization', [x, graph.weight(`${name}.weight`), graph.weight(`${name}.bias`)], {
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
  })
}

/** x / √(mean x² + ε) · weight, over the last dimension. */
export function rmsNorm(graph: GraphBuilder, x: Value, name: string, epsilon: number): Value {
  return graph.node('RMSNormalization', [x, graph.weight(`${name}.weight`)], {
    attributes: { axis: { int: -1 }, epsilon: { float: epsilon } },
  })
}

/** Hugging Face's names of activation functions, and what computes them. */
const ACTIVATIONS: Record<string, (graph: GraphBuilder, x: Value) => Value> = {
  gelu: (graph, x) => graph.node('Gelu', [x]),
  gelu_new: (graph, x) => graph.node('Gelu', [x], { attributes: { approximate: { string: 'tanh' } } }),
  relu: (graph, x) => graph.node('Relu', [x]),
  silu: (graph, x) =>
    graph.node('QuickGelu', [x], { domain: MICROSOFT, attributes: { alpha: { float: 1 } } }),
}
const SAME: Record<string, string> = {
  gelu_python: 'gelu',
  gelu_fast: 'gelu_new',
  gelu_pytorch_tanh: 'gelu_new',
  gelu_python_tanh: 'gelu_new',
  swish: 'silu',
}
const activationOf = (name: string): string => SAME[name] ?? name
export const knowsActivation = (name: string): boolean => Object.hasOwn(ACTIVATIONS, activationOf(name))
export const activationNames = [...Object.keys(ACTIVATIONS), ...Object.keys(SAME)]

/** One of `activationNames`. */
export function activation(graph: GraphBuilder, x: Value, name: string): Value {
  return ACTIVATIONS[activationOf(name)](graph, x)
}

export interface AttentionShape {
  heads: number
  /** Each is shared by heads / kvHeads heads that follow one another. */
  kvHeads: number
  headDim: number
  /** Of q·k before the softmax; 1/√headDim where left out. */
  scale?: number
}

/** Turns pairs of dimensions of each head by their position. x is [rows·context, heads·headDim]. */
export function rotate(
  graph: GraphBuilder,
  rows: Rows,
  x: Value,
  { cos, sin, dim }: RotaryTables,
  { heads, headDim }: { heads: number; headDim: number },
): Value {
  const turned = graph.node('RotaryEmbedding', [graph.reshape(x, rows.byRow), rows.firstPosition, cos, sin], {
    domain: MICROSOFT,
    attributes: { num_heads: { int: heads }, rotary_embedding_dim: { int: dim === headDim ? 0 : dim } },
  })
  return graph.reshape(turned, [-1, heads * headDim])
}

/**
 * Causal attention within each row: softmax(q kᵀ · scale) v per head, heads side by side.
 * @param q [rows·context, heads·headDim], k and v [rows·context, kvHeads·headDim]; or q alone with all three
 *   side by side
 * @returns `hook_z`: [rows·context, heads·headDim]
 */
export function causalAttention(
  graph: GraphBuilder,
  rows: Rows,
  [q, k, v]: readonly [Value] | readonly [Value, Value, Value],
  { heads, kvHeads, headDim, scale = headDim ** -0.5 }: AttentionShape,
): Value {
  const byRow = (x: Value | undefined): Value | null =>
    x === undefined ? null : graph.reshape(x, rows.byRow)
  const inputs = [byRow(q), byRow(k), byRow(v), null, null, rows.lastPositions, rows.context]
  const [z] = graph.nodes('GroupQueryAttention', inputs, 3, {
    domain: MICROSOFT,
    attributes: { num_heads: { int: heads }, kv_num_heads: { int: kvHeads }, scale: { float: scale } },
  })
  return graph.reshape(z, [-1, heads * headDim])
}
