import { expect, test } from 'vitest'
import { translateHookName } from '#contract/hook-name.ts'
import { HookName } from '#contract/model.ts'
import { resolveHook } from '../../../src-main/language-model/hook-names.ts'

test.each([
  ['layers.3', 'blocks.3.hook_resid_post'], // sparsify
  ['layers.3.mlp', 'blocks.3.hook_mlp_out'],
  ['h.3.attn', 'blocks.3.hook_attn_out'],
  ['transformer.h.10', 'blocks.10.hook_resid_post'],
  ['transformer.h.10.output', 'blocks.10.hook_resid_post'],
  ['model.layers.0.self_attn', 'blocks.0.hook_attn_out'],
  ['gpt_neox.layers.2.attention.dense', 'blocks.2.hook_attn_out'],
  ['model.layers.2.mlp.down_proj', 'blocks.2.hook_mlp_out'],
  ['hidden_states[8]', 'blocks.8.hook_resid_pre'],
  ['hidden_states.8', 'blocks.8.hook_resid_pre'],
  ['transformer.wte', 'hook_embed'],
  ['embed_tokens', 'hook_embed'], // sparsify
  ['gpt_neox.embed_in', 'hook_embed'],
  ['blocks.8.hook_resid_pre', 'blocks.8.hook_resid_pre'],
  ['blocks.8.attn.hook_z', 'blocks.8.attn.hook_z'],
])('%s means %s', (spelling, name) => {
  expect(translateHookName(spelling)).toBe(name)
  expect(HookName.parse(spelling)).toBe(name)
})

test('a name that means nothing is refused at the boundary', () => {
  for (const name of ['', 'layer 3', 'transformer.h.x', 'transformer.h.1.ln_1', 'blocks.1'])
    expect(HookName.safeParse(name).success, name).toBe(false)
})

test('a hook point the model does not have is refused with those it has', () => {
  const point = (name: string, layer: number) => ({ name, layer, width: 4 })
  const model = {
    name: 'tiny',
    hookPoints: [point('blocks.0.hook_resid_pre', 0), point('blocks.1.hook_mlp_out', 1)],
  }
  expect(resolveHook('layers.1.mlp', model).name).toBe('blocks.1.hook_mlp_out')
  expect(() => resolveHook('blocks.0.hook_resid_mid', model)).toThrow(
    /tiny: it has no hook point "blocks\.0\.hook_resid_mid"/,
  )
  expect(() => resolveHook('layers.7', model)).toThrow(/"layers\.7"/)
})
