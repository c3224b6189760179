/**
 * The TransformerLens name of a place in a model, from the many spellings in use: Hugging Face module names
 * ("model.layers.12.output", "gpt_neox.layers.3.mlp", "transformer.h.1"), folder names of releases ("layers.10",
 * "layer_5"), or the TransformerLens name itself. The output of a block is resid_post of that block.
 */
export function hookOf(spelling: string): string | null {
  if (/^(blocks\.\d+\.[\w.]+|hook_embed)$/.test(spelling)) return spelling
  if (/(^|[._/])(embed_tokens|embed_in|wte|embed|embedding)($|[._/])/.test(spelling)) return 'hook_embed'
  const block = /(?:^|[._/])(?:layers?|h|blocks)[._](\d+)(?:[._](.*))?$/.exec(spelling)
  if (!block) return null
  const [, layer, inside = ''] = block
  return `blocks.${layer}.${inBlock(inside)}`
}

function inBlock(inside: string): string {
  if (/o_proj\.input|hook_z/.test(inside)) return 'attn.hook_z'
  if (/^(mlp|feed_forward|post_feedforward_layernorm)/.test(inside)) return 'hook_mlp_out'
  if (/^(attn|attention|self_attn|att|post_attention_layernorm)/.test(inside)) return 'hook_attn_out'
  return 'hook_resid_post'
}
