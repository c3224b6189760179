// GPT-NeoX and Pythia: layer norms, partly rotary positions, attention and MLP in parallel or one after the other.
// https://github.com/huggingface/transformers/blob/main/src/transformers/models/gpt_neox/modeling_gpt_neox.py
import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { activation, ActivationName } from '../activation-function.ts'
import type { Architecture, Drawing, FamilyDefinition, FolderFacts, Hook } from '../architecture.ts'
import { layerNormTensors, projectionTensors, type TensorSpec } from '../checkpoint.ts'
import { parseConfig, size, type Config } from '../config.ts'
import type { GraphBuilder, Value } from '../graph-builder.ts'
import { causalAttention, embedding, layerNorm, linear, rotate } from '../layers.ts'
import { rotaryFields, rotaryOf, rotaryTables, type Rotary } from '../rotary.ts'
import type { Rows } from '../rows.ts'

const NeoxConfig = z.looseObject({
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  max_position_embeddings: size,
  hidden_act: ActivationName.default('gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
  use_parallel_residual: z.boolean().default(true),
  attention_bias: z.boolean().default(true),
  tie_word_embeddings: z.boolean().default(false),
  rotary_pct: z.number().positive().max(1).default(0.25),
  rotary_emb_base: z.number().positive().default(10_000),
  ...rotaryFields,
})
interface Neox {
  config: z.infer<typeof NeoxConfig>
  headDim: number
  rotary: Rotary
}

const EMBEDDING = 'gpt_neox.embed_in.weight'
const HEAD = 'embed_out.weight'
/** Causal masks and rotary tables that were saved as if they were weights. */
const TABLES = /\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)$/

function tensors({ config }: Neox): TensorSpec[] {
  const { hidden_size: d, intermediate_size: inner, vocab_size: vocab } = config
  const bias = config.attention_bias
  const block = (at: string): TensorSpec[] => [
    ...layerNormTensors(`${at}.input_layernorm`, d),
    ...projectionTensors(`${at}.attention.query_key_value`, [3 * d, d], bias && 3 * d),
    ...projectionTensors(`${at}.attention.dense`, [d, d], bias && d),
    ...layerNormTensors(`${at}.post_attention_layernorm`, d),
    ...projectionTensors(`${at}.mlp.dense_h_to_4h`, [inner, d], inner),
    ...projectionTensors(`${at}.mlp.dense_4h_to_h`, [d, inner], d),
  ]
  return [
    { name: EMBEDDING, shape: [vocab, d] },
    ...Array.from({ length: config.num_hidden_layers }, (_, layer) =>
      block(`gpt_neox.layers.${layer}`),
    ).flat(),
    ...layerNormTensors('gpt_neox.final_layer_norm', d),
  ]
}

function draw({ config, headDim, rotary }: Neox, graph: GraphBuilder, rows: Rows): Drawing {
  const { hidden_size: d, num_attention_heads: heads, layer_norm_eps: epsilon } = config
  const tables = rotaryTables(graph, rotary, rows)
  /** q, k and v lie together head by head: [rows·context, heads, 3, headDim]. */
  const split = (qkv: Value): Value[] =>
    graph.thirds(graph.reshape(qkv, [-1, heads, 3 * headDim]), 2).map((part) => graph.reshape(part, [-1, d]))
  return {
    embed: (hook: Hook) => hook('hook_embed', embedding(graph, rows, EMBEDDING, d)),
    attention(layer: number, residual, hook: Hook) {
      const at = `gpt_neox.layers.${layer}`
      const x = layerNorm(graph, residual, `${at}.input_layernorm`, epsilon)
      const [q, k, v] = split(linear(graph, x, `${at}.attention.query_key_value`, config.attention_bias))
      const turned = [q, k].map((part) => rotate(graph, rows, part, tables, { heads, headDim }))
      const z = causalAttention(graph, rows, [turned[0], turned[1], v], { heads, kvHeads: heads, headDim })
      return linear(graph, hook('attn.hook_z', z), `${at}.attention.dense`, config.attention_bias)
    },
    mlp(layer: number, residual, hook: Hook) {
      const at = `gpt_neox.layers.${layer}`
      const x = layerNorm(graph, residual, `${at}.post_attention_layernorm`, epsilon)
      const post = activation(graph, linear(graph, x, `${at}.mlp.dense_h_to_4h`, true), config.hidden_act)
      return linear(graph, hook('mlp.hook_post', post), `${at}.mlp.dense_4h_to_h`, true)
    },
    finalNorm: (residual) => layerNorm(graph, residual, 'gpt_neox.final_layer_norm', epsilon),
  }
}

function read(raw: Config, { folder, has }: FolderFacts): Architecture {
  const config = parseConfig(NeoxConfig, raw, folder)
  const { hidden_size: d, num_attention_heads: heads, max_position_embeddings: contextSize } = config
  if (d % heads !== 0)
    throw problem('bad-file', folder, `config.json's hidden_size ${d} is no multiple of its ${heads} heads`)
  const headDim = d / heads
  const rotary = rotaryOf(folder, config, {
    headDim,
    contextSize,
    share: config.rotary_pct,
    theta: config.rotary_emb_base,
  })
  const unembedding = config.tie_word_embeddings && !has(HEAD) ? EMBEDDING : HEAD
  const neox: Neox = { config, headDim, rotary }
  return {
    family: 'gpt-neox',
    dModel: d,
    layers: config.num_hidden_layers,
    heads,
    headDim,
    mlpWidth: config.intermediate_size,
    vocabSize: config.vocab_size,
    contextSize,
    parallelResidual: config.use_parallel_residual,
    ignoresMean: true,
    finalNorm: 'gpt_neox.final_layer_norm.weight',
    unembedding,
    expected: {
      tensors: [...tensors(neox), { name: unembedding, shape: [config.vocab_size, d] }],
      prefix: 'gpt_neox.',
      ignored: TABLES,
    },
    draw: (graph, rows) => draw(neox, graph, rows),
  }
}

export const gptNeox: FamilyDefinition = { modelTypes: ['gpt_neox'], read }
