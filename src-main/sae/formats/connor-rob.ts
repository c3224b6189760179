import { z } from 'zod'
import { byDefault, fromFile, fromFileOrUnknown, guess, PLAIN } from './claims.ts'
import { maybe, parseConfig } from './config.ts'
import { slotsNamed, type Found } from './found.ts'
import { pathOf, type SaeFiles } from './source.ts'

// The attention-output SAEs of Kissane and Krzyzanowski (ckkissane/attn-saes-gpt2-small-all-layers and others):
// X.pt with SAELens' names and shapes, X_cfg.json beside it. hook_z has its heads flattened.

const Cfg = z.looseObject({
  act_size: z.int().min(1),
  dict_size: z.int().min(1),
  act_name: maybe(z.string()),
  model_name: maybe(z.string()),
  seq_len: maybe(z.int()),
})

export function findConnorRob(files: SaeFiles, name: string): Found | null {
  const cfgName = name.replace(/\.pth?$/, '_cfg.json')
  if (cfgName === name || !files.has(cfgName)) return null
  const cfg = parseConfig(Cfg, files.json(cfgName), pathOf(files, cfgName))
  const file = files.tensors(name)
  return {
    format: 'connor-rob',
    path: pathOf(files, name),
    dIn: cfg.act_size,
    dSae: cfg.dict_size,
    slots: slotsNamed(file, { W_enc: 'W_enc', b_enc: 'b_enc', W_dec: 'W_dec', b_dec: 'b_dec' }),
    claims: {
      ...PLAIN,
      hook: fromFileOrUnknown(cfg.act_name),
      model: cfg.model_name === undefined ? guess('gpt2-small') : fromFile(cfg.model_name),
      bos: byDefault('prepended'),
      context: cfg.seq_len === undefined ? byDefault(128) : fromFile(cfg.seq_len),
    },
    warnings: [],
    metadata: {},
  }
}
