// The layers all families are made of. Activations are matrices [rows·context, width] in f32.
import type { GraphBuilder, Value } from './graph-builder.ts'
import type { RotaryTables } from './rotary.ts'
import type { Rows } from './rows.ts'

const MICROSOFT = 'com.microsoft' as const

/** x Wᵀ (+ b) with W [out, in], as torch.nn.Linear keeps it. */
export function linear(graph: GraphBuilder, x: Value, name: string, bias: boolean): Value {
  const inputs = [x, graph.matrix(`${name}.weight`, x), ...(bias ? [graph.weight(`${name}.bias`)] : [])]
  return graph.node('Gemm', inputs, { attributes: { transB: { int: 1 } } })
}

/** x W + b with W [in, out], as GPT-2's Conv1D keeps it. */
export function conv1d(graph: GraphBuilder, x: Value, name: string): Value {
  return graph.node('Gemm', [x, graph.matrix(`${name}.weight`, x), graph.weight(`${name}.bias`)])
}

/** The rows of a table [vocab, width] that the ids name: [rows·context, width]. */
export function embedding(graph: GraphBuilder, rows: Rows, table: string, width: number): Value {
  return graph.reshape(graph.tableRows(table, rows.ids), [-1, width])
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
 * @param q [rows·context, heads·headDim], k and v [rows·context, kvHeads·headDim]
 * @returns `hook_z`: [rows·context, heads·headDim]
 */
export function causalAttention(
  graph: GraphBuilder,
  rows: Rows,
  qkv: readonly [q: Value, k: Value, v: Value],
  { heads, kvHeads, headDim, scale = headDim ** -0.5 }: AttentionShape,
): Value {
  const z =
    graph.provider === 'webgpu'
      ? attentionOnGpu(graph, rows, qkv, { heads, kvHeads, headDim, scale })
      : attentionOnCpu(graph, rows, qkv, { heads, kvHeads, headDim, scale })
  return graph.reshape(z, [-1, heads * headDim])
}

type Attention = (
  graph: GraphBuilder,
  rows: Rows,
  qkv: readonly [q: Value, k: Value, v: Value],
  shape: Required<AttentionShape>,
) => Value

const attentionOnCpu: Attention = (graph, rows, qkv, { heads, kvHeads, headDim, scale }) => {
  const byRow = qkv.map((x) => graph.reshape(x, rows.byRow))
  // Within 10 % of each other up to 512 tokens; beyond, this one keeps a head's scores in cache and leaves out what is
  // masked, and is twice as fast. It wants heads of whole vectors.
  return rows.areLong && headDim % 8 === 0
    ? graph.nodes('GroupQueryAttention', [...byRow, null, null, rows.lastPositions, rows.context], 3, {
        domain: MICROSOFT,
        attributes: { num_heads: { int: heads }, kv_num_heads: { int: kvHeads }, scale: { float: scale } },
      })[0]
    : graph.node('Attention', byRow, {
        attributes: {
          q_num_heads: { int: heads },
          kv_num_heads: { int: kvHeads },
          is_causal: { int: 1 },
          scale: { float: scale },
        },
      })
}

/**
 * As plain products, which every GPU has: onnxruntime has no Attention there, and its MultiHeadAttention and
 * GroupQueryAttention were seen to go wrong in rows of some hundred tokens.
 */
const attentionOnGpu: Attention = (graph, rows, [q, k, v], { heads, kvHeads, headDim, scale }) => {
  const each = { kvHeads, headDim, times: heads / kvHeads }
  /** [rows·context, heads·headDim] as one matrix for each row and head. */
  const byHead = (x: Value, order: readonly number[]): Value =>
    graph.transpose(graph.reshape(graph.reshape(x, rows.byRow), [0, 0, heads, headDim]), order)
  const scaled = byHead(graph.mul(q, graph.float(scale)), [0, 2, 1, 3])
  const scores = graph.node('MatMul', [scaled, byHead(repeated(graph, k, each), [0, 2, 3, 1])])
  const shares = graph.node('Softmax', [graph.add(scores, rows.future)], {
    attributes: { axis: { int: -1 } },
  })
  const z = graph.node('MatMul', [shares, byHead(repeated(graph, v, each), [0, 2, 1, 3])])
  return graph.transpose(z, [0, 2, 1, 3])
}

/** Each head's columns of x [rows·context, kvHeads·headDim] so many times, one after the other. */
function repeated(
  graph: GraphBuilder,
  x: Value,
  { kvHeads, headDim, times }: { kvHeads: number; headDim: number; times: number },
): Value {
  if (times === 1) return x
  const heads = graph.reshape(x, [-1, kvHeads, 1, headDim])
  const all = graph.node('Expand', [heads, graph.ints([1, 1, times, 1])])
  return graph.reshape(all, [-1, kvHeads * times * headDim])
}
