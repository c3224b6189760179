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
  const byRow = qkv.map((x) => graph.reshape(x, rows.byRow))
  // Within 10 % of each other up to 512 tokens; beyond, this one keeps a head's scores in cache and leaves out what is
  // masked, and is twice as fast. It wants heads of whole vectors.
  const z =
    rows.areLong && headDim % 8 === 0
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
  return graph.reshape(z, [-1, heads * headDim])
}
