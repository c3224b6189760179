// GPT-2: learned positions, layer norms, weights kept as [in, out], head tied to the embedding.
// https://github.com/huggingface/transformers/blob/main/src/transformers/models/gpt2/modeling_gpt2.py
import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { activation, ActivationName } from '../activation-function.ts'
import type { Architecture, Drawing, FamilyDefinition, FolderFacts, Hook } from '../architecture.ts'
import { layerNormTensors, projectionTensors, type TensorSpec } from '../checkpoint.ts'
import { parseConfig, size, type Config } from '../config.ts'
import type { GraphBuilder } from '../graph-builder.ts'
import { causalAttention, conv1d, embedding, layerNorm } from '../layers.ts'
import type { Rows } from '../rows.ts'

const Gpt2Config = z.looseObject({
  vocab_size: size,
  n_positions: size,
  n_embd: size,
  n_layer: size,
  n_head: size,
  n_inner: size.nullish(),
  activation_function: ActivationName.default('gelu_new'),
  layer_norm_epsilon: z.number().positive().default(1e-5),
  scale_attn_weights: z.boolean().default(true),
  scale_attn_by_inverse_layer_idx: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(true),
  add_cross_attention: z.literal(false, 'cross-attention is not implemented').default(false),
})
interface Gpt2 {
  config: z.infer<typeof Gpt2Config>
  headDim: number
  mlpWidth: number
}

const EMBEDDING = 'transformer.wte.weight'
const POSITIONS = 'transformer.wpe.weight'
const HEAD = 'lm_head.weight'
/** Causal masks that were saved as if they were weights. */
const MASKS = /\.attn\.(masked_)?bias$/

function tensors({ config, mlpWidth }: Gpt2): TensorSpec[] {
  const { n_embd: d, vocab_size: vocab } = config
  const block = (at: string): TensorSpec[] => [
    ...layerNormTensors(`${at}.ln_1`, d),
    ...projectionTensors(`${at}.attn.c_attn`, [d, 3 * d], 3 * d),
    ...projectionTensors(`${at}.attn.c_proj`, [d, d], d),
    ...layerNormTensors(`${at}.ln_2`, d),
    ...projectionTensors(`${at}.mlp.c_fc`, [d, mlpWidth], mlpWidth),
    ...projectionTensors(`${at}.mlp.c_proj`, [mlpWidth, d], d),
  ]
  return [
    { name: EMBEDDING, shape: [vocab, d] },
    { name: POSITIONS, shape: [config.n_positions, d] },
    ...Array.from({ length: config.n_layer }, (_, layer) => block(`transformer.h.${layer}`)).flat(),
    ...layerNormTensors('transformer.ln_f', d),
  ]
}

function draw({ config, headDim }: Gpt2, graph: GraphBuilder, rows: Rows): Drawing {
  const { n_embd: d, n_head: heads, layer_norm_epsilon: epsilon } = config
  const scale = (layer: number): number =>
    (config.scale_attn_weights ? headDim ** -0.5 : 1) /
    (config.scale_attn_by_inverse_layer_idx ? layer + 1 : 1)
  return {
    embed(hook: Hook) {
      const tokens = hook('hook_embed', embedding(graph, rows, EMBEDDING, d))
      const positions = graph.tableRows(POSITIONS, rows.positions)
      return graph.reshape(graph.add(graph.reshape(tokens, rows.byRow), positions), [-1, d])
    },
    attention(layer: number, residual, hook: Hook) {
      const at = `transformer.h.${layer}`
      const x = layerNorm(graph, residual, `${at}.ln_1`, epsilon)
      const qkv = graph.thirds(conv1d(graph, x, `${at}.attn.c_attn`), 1)
      const z = causalAttention(graph, rows, qkv, { heads, kvHeads: heads, headDim, scale: scale(layer) })
      return conv1d(graph, hook('attn.hook_z', z), `${at}.attn.c_proj`)
    },
    mlp(layer: number, residual, hook: Hook) {
      const at = `transformer.h.${layer}`
      const x = layerNorm(graph, residual, `${at}.ln_2`, epsilon)
      const post = activation(graph, conv1d(graph, x, `${at}.mlp.c_fc`), config.activation_function)
      return conv1d(graph, hook('mlp.hook_post', post), `${at}.mlp.c_proj`)
    },
    finalNorm: (residual) => layerNorm(graph, residual, 'transformer.ln_f', epsilon),
  }
}

function read(raw: Config, { folder, has }: FolderFacts): Architecture {
  const config = parseConfig(Gpt2Config, raw, folder)
  const { n_embd: d, n_head: heads } = config
  if (d % heads !== 0)
    throw problem('bad-file', folder, `config.json's n_embd ${d} is no multiple of its ${heads} heads`)
  const unembedding = config.tie_word_embeddings && !has(HEAD) ? EMBEDDING : HEAD
  const gpt2: Gpt2 = { config, headDim: d / heads, mlpWidth: config.n_inner ?? 4 * d }
  return {
    family: 'gpt2',
    dModel: d,
    layers: config.n_layer,
    heads,
    headDim: gpt2.headDim,
    mlpWidth: gpt2.mlpWidth,
    vocabSize: config.vocab_size,
    contextSize: config.n_positions,
    parallelResidual: false,
    ignoresMean: true,
    finalNorm: 'transformer.ln_f.weight',
    unembedding,
    expected: {
      tensors: [...tensors(gpt2), { name: unembedding, shape: [config.vocab_size, d] }],
      prefix: 'transformer.',
      ignored: MASKS,
    },
    draw: (graph, rows) => draw(gpt2, graph, rows),
  }
}

export const gpt2: FamilyDefinition = { modelTypes: ['gpt2'], read }
