import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { byDefault, fromFile, fromFileOrUnknown, guess, PLAIN } from './claims.ts'
import { maybe, parseConfig } from './config.ts'
import { sizesOf, slotsNamed, type Found } from './found.ts'
import { hookOf } from './hook-spelling.ts'
import { fileNamed, fullPath, pathOf, type SaeFiles } from './source.ts'

// Gemma Scope 2 (Gemma 3): config.json + params.safetensors with SAELens' shapes under lower-case names.

const Config = z.looseObject({
  type: maybe(z.string()),
  architecture: maybe(z.string()),
  model_name: maybe(z.string()),
  width: maybe(z.int()),
  affine_connection: maybe(z.boolean()),
  hf_hook_point_in: maybe(z.string()),
  apply_b_dec_to_input: maybe(z.boolean()),
})

export function findGemmaScope2(files: SaeFiles, folder: string): Found | null {
  const weights = fileNamed(files, folder, ['params.safetensors'])
  if (weights === null) return null
  const path = pathOf(files, folder)
  const configName = fileNamed(files, folder, ['config.json'])
  const config = parseConfig(Config, configName === null ? {} : files.json(configName), path)
  const file = files.tensors(weights)
  if (
    (config.type ?? 'sae') !== 'sae' ||
    config.affine_connection ||
    file.tensors.has('affine_skip_connection')
  )
    throw problem(
      'unsupported',
      path,
      `it is a ${config.type ?? 'transcoder'}, which has no one hook point it reconstructs`,
      'Suture works with SAEs.',
    )
  if ((config.architecture ?? 'jump_relu') !== 'jump_relu')
    throw problem(
      'unsupported',
      path,
      `its architecture is "${config.architecture}"; "jump_relu" can be read`,
    )
  const hook = hookOf(config.hf_hook_point_in ?? '')
  const guessed = hookInPath(fullPath(files, folder))
  const subtracts = config.apply_b_dec_to_input
  return {
    format: 'gemma-scope-2',
    path,
    ...sizesOf(file, 'w_enc', 'columns are features'),
    slots: slotsNamed(file, {
      W_enc: 'w_enc',
      b_enc: 'b_enc',
      W_dec: 'w_dec',
      b_dec: 'b_dec',
      threshold: 'threshold',
    }),
    claims: {
      ...PLAIN,
      architecture: config.architecture === undefined ? byDefault('jumprelu') : fromFile('jumprelu'),
      b_dec:
        subtracts === undefined
          ? byDefault('not subtracted')
          : fromFile(subtracts ? 'subtracted from the input' : 'not subtracted'),
      hook: hook !== null ? fromFile(hook) : guessed !== null ? guess(guessed) : byDefault(null),
      model: fromFileOrUnknown(config.model_name),
      bos: byDefault('prepended'),
      context: byDefault(1024),
    },
    warnings: [],
    metadata: {},
  }
}

/** …/resid_post_all/layer_10_width_16k_l0_small */
function hookInPath(path: string): string | null {
  const layer = /layer_(\d+)/.exec(path)?.[1]
  const site = /(resid_post|attn_out|mlp_out)/.exec(path)?.[1]
  return layer === undefined || site === undefined ? null : `blocks.${layer}.hook_${site}`
}
