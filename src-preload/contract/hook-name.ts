import { z } from 'zod'

// A place in a model has several spellings. Ours is TransformerLens'; modules of Hugging Face models and of sparsify
// name the output of the module, so `layers.3` is the residual stream after block 3.

const MODULES: Record<string, string> = {
  '': 'hook_resid_post',
  attn: 'hook_attn_out',
  self_attn: 'hook_attn_out',
  attention: 'hook_attn_out',
  'attn.c_proj': 'hook_attn_out',
  'self_attn.o_proj': 'hook_attn_out',
  'attention.dense': 'hook_attn_out',
  mlp: 'hook_mlp_out',
  'mlp.c_proj': 'hook_mlp_out',
  'mlp.down_proj': 'hook_mlp_out',
  'mlp.dense_4h_to_h': 'hook_mlp_out',
}
const BLOCK = /^(?:(?:transformer|model|gpt_neox)\.)?(?:h|layers)\.(\d+)(?:\.(?!output$)(.+?))?(?:\.output)?$/
const EMBEDDING = /^(?:(?:transformer|model|gpt_neox)\.)?(?:wte|embed_tokens|embed_in)(?:\.output)?$/
const HIDDEN_STATES = /^hidden_states(?:\[(\d+)\]|\.(\d+))$/

/** A Hugging Face or sparsify spelling in TransformerLens' words; any other text as it is. */
export function translateHookName(name: string): string {
  if (EMBEDDING.test(name)) return 'hook_embed'
  const hidden = HIDDEN_STATES.exec(name)
  if (hidden) return `blocks.${hidden[1] ?? hidden[2]}.hook_resid_pre`
  const block = BLOCK.exec(name)
  const place = block && MODULES[block[2] ?? '']
  return block && place ? `blocks.${block[1]}.${place}` : name
}

/** TransformerLens spelling, e.g. `blocks.2.hook_resid_pre`. Other spellings are accepted and translated. */
export const HookName = z
  .string()
  .transform(translateHookName)
  .pipe(
    z
      .string()
      .regex(
        /^(hook_embed|blocks\.\d+\.[a-z_.]+)$/,
        'a hook point such as blocks.2.hook_resid_pre is expected (or layers.2, hidden_states[2])',
      ),
  )
