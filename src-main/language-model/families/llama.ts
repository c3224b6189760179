// Llama 1–3, Mistral, Qwen 2, 2.5 and 3, SmolLM: RMS norms, rotary positions, gated MLP, grouped-query attention.
// https://github.com/huggingface/transformers/blob/main/src/transformers/models/llama/modeling_llama.py
import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { activation, ActivationName } from '../activation-function.ts'
import type { Architecture, Drawing, FamilyDefinition, FolderFacts, Hook } from '../architecture.ts'
import { projectionTensors, type TensorSpec } from '../checkpoint.ts'
import { parseConfig, size } from '../config.ts'
import type { GraphBuilder, Value } from '../graph-builder.ts'
import { causalAttention, embedding, linear, rmsNorm, rotate } from '../layers.ts'
import { rotaryFields, rotaryOf, rotaryTables, type Rotary } from '../rotary.ts'
import type { Rows } from '../rows.ts'

const LlamaConfig = z.looseObject({
  model_type: z.string(),
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  max_position_embeddings: size,
  rms_norm_eps: z.number().positive().default(1e-6),
  hidden_act: ActivationName.default('silu'),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  sliding_window: size.nullish(),
  use_sliding_window: z.boolean().default(false),
  max_window_layers: z.int().default(28),
  /** What each layer of a Qwen sees; newer files say it instead of max_window_layers. */
  layer_types: z.array(z.string()).nullish(),
  ...rotaryFields,
})
type LlamaConfig = z.infer<typeof LlamaConfig>

/** What the model types of this family differ in. */
interface Variant {
  qkvBias: boolean
  outputBias: boolean
  /** An RMS norm on each head of q and k, before they turn. */
  qkNorm: boolean
  /** Tokens a position sees, itself included; beyond it contexts would need a window, which is not implemented. */
  window: number
}
const VARIANTS: Record<string, (config: LlamaConfig) => Variant> = {
  llama: ({ attention_bias: bias }) => ({ qkvBias: bias, outputBias: bias, qkNorm: false, window: Infinity }),
  mistral: ({ sliding_window: window }) => ({
    qkvBias: false,
    outputBias: false,
    qkNorm: false,
    window: window === undefined ? 4096 : (window ?? Infinity), // transformers' default
  }),
  qwen2: (config) => ({ qkvBias: true, outputBias: false, qkNorm: false, window: qwenWindow(config) }),
  qwen3: (config) => ({
    qkvBias: config.attention_bias,
    outputBias: config.attention_bias,
    qkNorm: true,
    window: qwenWindow(config),
  }),
}
/** Qwen's first max_window_layers layers see everything, where it is not said layer by layer. */
function qwenWindow(config: LlamaConfig): number {
  const hasWindow = config.layer_types
    ? config.layer_types.includes('sliding_attention')
    : config.num_hidden_layers > config.max_window_layers
  return config.use_sliding_window && hasWindow ? (config.sliding_window ?? 4096) : Infinity
}

interface Llama {
  config: LlamaConfig
  variant: Variant
  kvHeads: number
  headDim: number
  rotary: Rotary
}

const EMBEDDING = 'model.embed_tokens.weight'
const HEAD = 'lm_head.weight'

function blockTensors({ config, variant, kvHeads, headDim }: Llama, layer: number): TensorSpec[] {
  const { hidden_size: d, intermediate_size: inner, num_attention_heads: heads } = config
  const at = `model.layers.${layer}`
  const qkv = (name: string, out: number): TensorSpec[] =>
    projectionTensors(`${at}.self_attn.${name}`, [out, d], variant.qkvBias && out)
  const mlp = (name: string, out: number, input: number): TensorSpec[] =>
    projectionTensors(`${at}.mlp.${name}`, [out, input], config.mlp_bias && out)
  return [
    { name: `${at}.input_layernorm.weight`, shape: [d] },
    ...qkv('q_proj', heads * headDim),
    ...qkv('k_proj', kvHeads * headDim),
    ...qkv('v_proj', kvHeads * headDim),
    ...projectionTensors(`${at}.self_attn.o_proj`, [d, heads * headDim], variant.outputBias && d),
    ...(variant.qkNorm ? ['q_norm', 'k_norm'] : []).map((name) => ({
      name: `${at}.self_attn.${name}.weight`,
      shape: [headDim],
    })),
    { name: `${at}.post_attention_layernorm.weight`, shape: [d] },
    ...mlp('gate_proj', inner, d),
    ...mlp('up_proj', inner, d),
    ...mlp('down_proj', d, inner),
  ]
}

function tensors(llama: Llama): TensorSpec[] {
  const { vocab_size: vocab, hidden_size: d, num_hidden_layers: layers } = llama.config
  return [
    { name: EMBEDDING, shape: [vocab, d] },
    ...Array.from({ length: layers }, (_, layer) => blockTensors(llama, layer)).flat(),
    { name: 'model.norm.weight', shape: [d] },
  ]
}

function draw(
  { config, variant, kvHeads, headDim, rotary }: Llama,
  graph: GraphBuilder,
  rows: Rows,
): Drawing {
  const epsilon = config.rms_norm_eps
  const heads = config.num_attention_heads
  const tables = rotaryTables(graph, rotary, rows)
  /** The norm sees each head alone. */
  const headNorm = (x: Value, name: string, count: number): Value => {
    if (!variant.qkNorm) return x
    return graph.reshape(rmsNorm(graph, graph.reshape(x, [-1, headDim]), name, epsilon), [
      -1,
      count * headDim,
    ])
  }
  return {
    embed: (hook) => hook('hook_embed', embedding(graph, rows, EMBEDDING, config.hidden_size)),
    attention: (layer: number, residual: Value, hook: Hook) => {
      const at = `model.layers.${layer}.self_attn`
      const x = rmsNorm(graph, residual, `model.layers.${layer}.input_layernorm`, epsilon)
      const turned = (name: 'q' | 'k', count: number): Value => {
        const heads = headNorm(
          linear(graph, x, `${at}.${name}_proj`, variant.qkvBias),
          `${at}.${name}_norm`,
          count,
        )
        return rotate(graph, rows, heads, tables, { heads: count, headDim })
      }
      const v = linear(graph, x, `${at}.v_proj`, variant.qkvBias)
      const z = causalAttention(graph, rows, [turned('q', heads), turned('k', kvHeads), v], {
        heads,
        kvHeads,
        headDim,
      })
      return linear(graph, hook('attn.hook_z', z), `${at}.o_proj`, variant.outputBias)
    },
    mlp: (layer: number, residual: Value, hook: Hook) => {
      const at = `model.layers.${layer}.mlp`
      const x = rmsNorm(graph, residual, `model.layers.${layer}.post_attention_layernorm`, epsilon)
      const gate = activation(graph, linear(graph, x, `${at}.gate_proj`, config.mlp_bias), config.hidden_act)
      const post = graph.mul(gate, linear(graph, x, `${at}.up_proj`, config.mlp_bias))
      return linear(graph, hook('mlp.hook_post', post), `${at}.down_proj`, config.mlp_bias)
    },
    finalNorm: (residual) => rmsNorm(graph, residual, 'model.norm', epsilon),
  }
}

function read(raw: Readonly<Record<string, unknown>>, { folder, has }: FolderFacts): Architecture {
  const config = parseConfig(LlamaConfig, raw, folder)
  const variant = VARIANTS[config.model_type](config)
  const heads = config.num_attention_heads
  const kvHeads = config.num_key_value_heads ?? heads
  if (heads % kvHeads !== 0)
    throw problem(
      'bad-file',
      folder,
      `config.json has ${heads} attention heads for ${kvHeads} key-value heads, no multiple`,
    )
  const headDim = config.head_dim ?? config.hidden_size / heads
  if (!Number.isInteger(headDim))
    throw problem(
      'bad-file',
      folder,
      `config.json's hidden_size ${config.hidden_size} is no multiple of its ${heads} heads`,
    )
  const contextSize = Math.min(config.max_position_embeddings, variant.window)
  const rotary = rotaryOf(folder, config, { headDim, contextSize: config.max_position_embeddings })
  const unembedding = config.tie_word_embeddings && !has(HEAD) ? EMBEDDING : HEAD
  const llama: Llama = { config, variant, kvHeads, headDim, rotary }
  return {
    family: 'llama',
    dModel: config.hidden_size,
    layers: config.num_hidden_layers,
    heads,
    headDim,
    mlpWidth: config.intermediate_size,
    vocabSize: config.vocab_size,
    contextSize,
    parallelResidual: false,
    ignoresMean: false,
    finalNorm: 'model.norm.weight',
    unembedding,
    expected: {
      tensors: [...tensors(llama), { name: unembedding, shape: [config.vocab_size, config.hidden_size] }],
      prefix: 'model.',
      ignored: /rotary_emb\.inv_freq$/,
    },
    draw: (graph, rows) => draw(llama, graph, rows),
  }
}

export const llama: FamilyDefinition = { modelTypes: Object.keys(VARIANTS), read }
