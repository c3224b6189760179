import { HookName, translateHookName } from '#contract/hook-name.ts'

/**
 * The TransformerLens name of a place in a model from what releases call it: a module ("model.layers.12.output"), a
 * folder ("layers.0.mlp", "layer_5"), a path that ends in one, or the TransformerLens name itself; null where it says
 * none. The output of a block is resid_post of that block.
 */
export function hookOf(spelling: string): string | null {
  const translated = translateHookName(spelling)
  if (HookName.safeParse(translated).success) return translated
  if (/(^|[._/])(embed_tokens|embed_in|wte|embed|embedding)($|[._/])/.test(spelling)) return 'hook_embed'
  const block = /(?:^|[._/])(?:layers?|h|blocks)[._](\d+)(?:[._](.*))?$/.exec(spelling)
  return block ? `blocks.${block[1]}.${placeInBlock(block[2] ?? '')}` : null
}

function placeInBlock(inside: string): string {
  if (/o_proj\.input|hook_z/.test(inside)) return 'attn.hook_z'
  if (/^(mlp|feed_forward|post_feedforward_layernorm)/.test(inside)) return 'hook_mlp_out'
  if (/^(attn|attention|self_attn|att|post_attention_layernorm)/.test(inside)) return 'hook_attn_out'
  return 'hook_resid_post'
}
