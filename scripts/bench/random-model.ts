import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { f32ToF16 } from '../../src-main/store/float16.ts'
import { writeSafetensors, type TensorToWrite } from '../../src-main/store/safetensors.ts'

export interface RandomModel {
  name: string
  config: Record<string, unknown>
  tensors: readonly { name: string; shape: readonly number[] }[]
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const norm = (name: string, d: number): RandomModel['tensors'] => [
  { name: `${name}.weight`, shape: [d] },
  { name: `${name}.bias`, shape: [d] },
]
const matrix = (name: string, shape: readonly number[], out: number): RandomModel['tensors'] => [
  { name: `${name}.weight`, shape },
  { name: `${name}.bias`, shape: [out] },
]

/** The shape of GPT-2 small: 124 million parameters. */
export const gpt2Small = (): RandomModel => gpt2('gpt2-small', { d: 768, layers: 12, heads: 12 })
/** Between GPT-2 small and medium: 254 million parameters, 507 MB of 16 bits. */
export const gpt2Between = (): RandomModel => gpt2('gpt2-between', { d: 1024, layers: 16, heads: 16 })

function gpt2(name: string, { d, layers, heads }: Record<'d' | 'layers' | 'heads', number>): RandomModel {
  const [vocab, context] = [50257, 1024]
  const block = (at: string): RandomModel['tensors'] => [
    ...norm(`${at}.ln_1`, d),
    ...matrix(`${at}.attn.c_attn`, [d, 3 * d], 3 * d),
    ...matrix(`${at}.attn.c_proj`, [d, d], d),
    ...norm(`${at}.ln_2`, d),
    ...matrix(`${at}.mlp.c_fc`, [d, 4 * d], 4 * d),
    ...matrix(`${at}.mlp.c_proj`, [4 * d, d], d),
  ]
  return {
    name,
    config: {
      model_type: 'gpt2',
      architectures: ['GPT2LMHeadModel'],
      vocab_size: vocab,
      n_positions: context,
      n_embd: d,
      n_layer: layers,
      n_head: heads,
      activation_function: 'gelu_new',
      bos_token_id: 50256,
    },
    tensors: [
      { name: 'transformer.wte.weight', shape: [vocab, d] },
      { name: 'transformer.wpe.weight', shape: [context, d] },
      ...range(layers).flatMap((layer) => block(`transformer.h.${layer}`)),
      ...norm('transformer.ln_f', d),
    ],
  }
}

/** The shape of Pythia 70m. */
export function pythia70m(): RandomModel {
  const [d, layers, vocab] = [512, 6, 50304]
  const block = (at: string): RandomModel['tensors'] => [
    ...norm(`${at}.input_layernorm`, d),
    ...matrix(`${at}.attention.query_key_value`, [3 * d, d], 3 * d),
    ...matrix(`${at}.attention.dense`, [d, d], d),
    ...norm(`${at}.post_attention_layernorm`, d),
    ...matrix(`${at}.mlp.dense_h_to_4h`, [4 * d, d], 4 * d),
    ...matrix(`${at}.mlp.dense_4h_to_h`, [d, 4 * d], d),
  ]
  return {
    name: 'pythia-70m',
    config: {
      model_type: 'gpt_neox',
      architectures: ['GPTNeoXForCausalLM'],
      vocab_size: vocab,
      hidden_size: d,
      intermediate_size: 4 * d,
      num_hidden_layers: layers,
      num_attention_heads: 8,
      max_position_embeddings: 2048,
      hidden_act: 'gelu',
      rotary_pct: 0.25,
      rotary_emb_base: 10000,
      use_parallel_residual: true,
      tie_word_embeddings: false,
      bos_token_id: 0,
    },
    tensors: [
      { name: 'gpt_neox.embed_in.weight', shape: [vocab, d] },
      ...range(layers).flatMap((layer) => block(`gpt_neox.layers.${layer}`)),
      ...norm('gpt_neox.final_layer_norm', d),
      { name: 'embed_out.weight', shape: [vocab, d] },
    ],
  }
}

/** Numbers in ±0.04, the same on every machine: a linear congruential generator. */
function* noise(count: number, state: { seed: number }, dtype: FloatType): Generator<ArrayBufferView> {
  for (let left = count; left > 0; left -= 1 << 20) {
    const out = new Float32Array(Math.min(left, 1 << 20))
    for (let i = 0; i < out.length; i++) {
      state.seed = (Math.imul(state.seed, 1664525) + 1013904223) | 0
      out[i] = state.seed * (0.04 / 2 ** 31)
    }
    yield dtype === 'F16' ? f32ToF16(out) : dtype === 'BF16' ? upperHalves(out) : out
  }
}
type FloatType = 'F32' | 'F16' | 'BF16'
const upperHalves = (values: Float32Array): Uint16Array =>
  Uint16Array.from(new Uint32Array(values.buffer), (bits) => bits >>> 16)

/** Writes a checkpoint of random weights that Hugging Face and Suture can open. */
export function writeRandomModel(folder: string, model: RandomModel, dtype: FloatType = 'F32'): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(model.config, null, 1))
  const state = { seed: 1 }
  const entries = model.tensors.map(({ name, shape }): [string, TensorToWrite] => [
    name,
    {
      dtype,
      shape,
      pieces: noise(
        shape.reduce((n, size) => n * size, 1),
        state,
        dtype,
      ),
    },
  ])
  writeSafetensors(join(folder, 'model.safetensors'), Object.fromEntries(entries))
}
