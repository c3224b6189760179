import { z } from 'zod'
import { problem } from '#contract/problem.ts'
import { byDefault, fromFile, fromFileOrUnknown, guess, PLAIN, type Claims } from './claims.ts'
import { maybe, parseConfig } from './config.ts'
import { slotsNamed, type Found, type SlotValues } from './found.ts'
import { fileNamed, fullPath, pathOf, type SaeFiles } from './source.ts'

// Llama Scope (fnlp): hyperparams.json + checkpoints/final.safetensors, nn.Linear for both matrices, inputs scaled to
// norm √d on average. Trained as TopK and read as JumpReLU; the threshold is on the scale of unscaled inputs, so it is
// multiplied by the same factor (SAELens pull request 483, by the authors of Llama Scope).

const Hyperparams = z.looseObject({
  d_model: z.int().min(1),
  d_sae: maybe(z.int().min(1)),
  expansion_factor: maybe(z.number()),
  hook_point_in: maybe(z.string()),
  hook_point_out: maybe(z.string()),
  act_fn: maybe(z.string()),
  top_k: maybe(z.int()),
  jump_relu_threshold: maybe(z.number()),
  norm_activation: maybe(z.string()),
  dataset_average_activation_norm: maybe(z.looseObject({ in: maybe(z.number()) })),
  sparsity_include_decoder_norm: maybe(z.boolean()),
  use_decoder_bias: maybe(z.boolean()),
  apply_decoder_bias_to_pre_encoder: maybe(z.boolean()),
  use_glu_encoder: maybe(z.boolean()),
})
type Hyperparams = z.infer<typeof Hyperparams>

export function findLlamaScope(files: SaeFiles, folder: string): Found | null {
  const configName = fileNamed(files, folder, ['hyperparams.json'])
  const weights = fileNamed(files, folder, ['checkpoints/final.safetensors', 'final.safetensors'])
  if (configName === null || weights === null) return null
  const path = pathOf(files, folder)
  const config = parseConfig(Hyperparams, files.json(configName), pathOf(files, configName))
  const { hook_point_in: hookIn, hook_point_out: hookOut } = config
  if (config.use_glu_encoder || (hookIn !== undefined && hookOut !== undefined && hookIn !== hookOut))
    throw problem(
      'unsupported',
      path,
      config.use_glu_encoder
        ? 'its encoder is gated by a second one (GLU)'
        : `it is a transcoder from ${hookIn} to ${hookOut}`,
    )
  const file = files.tensors(weights)
  const scale = scaleOf(config)
  const threshold = config.jump_relu_threshold
  const bDec: SlotValues = file.tensors.has('decoder.bias') ? { file, name: 'decoder.bias' } : { constant: 0 }
  return {
    format: 'llama-scope',
    path,
    dIn: config.d_model,
    dSae: config.d_sae ?? config.d_model * (config.expansion_factor ?? 0),
    slots: {
      ...slotsNamed(file, { W_enc: 'encoder.weight', b_enc: 'encoder.bias', W_dec: 'decoder.weight' }),
      b_dec: bDec,
      ...(isJumpRelu(config) && { threshold: { constant: (threshold ?? 0) * scale } }),
    },
    claims: {
      ...PLAIN,
      ...activation(config, path),
      W_enc: byDefault('rows are features'),
      W_dec: byDefault('columns are features'),
      b_dec: config.apply_decoder_bias_to_pre_encoder
        ? fromFile('subtracted from the input')
        : byDefault('not subtracted'),
      scale: fromFile(scale),
      rescale: config.sparsity_include_decoder_norm ? fromFile('by decoder norm') : byDefault('none'),
      hook: fromFileOrUnknown(hookIn),
      model: /Llama3_1-8B/i.test(fullPath(files, folder))
        ? guess('meta-llama/Llama-3.1-8B')
        : byDefault(null),
      bos: byDefault('prepended'),
      context: byDefault(1024),
    },
    warnings: [],
    metadata: {},
  }
}

function scaleOf({ d_model, norm_activation, dataset_average_activation_norm: norm }: Hyperparams): number {
  return (norm_activation ?? 'dataset-wise') === 'dataset-wise' && norm?.in ? Math.sqrt(d_model) / norm.in : 1
}

/** A topk with a positive threshold is meant to be used as a JumpReLU. */
const isJumpRelu = ({ act_fn, jump_relu_threshold }: Hyperparams): boolean =>
  (jump_relu_threshold ?? 0) > 0 && act_fn?.toLowerCase() !== 'relu'

function activation(config: Hyperparams, path: string): Pick<Claims, 'architecture' | 'k'> {
  if (isJumpRelu(config)) return { architecture: fromFile('jumprelu') }
  const named = config.act_fn?.toLowerCase() ?? 'relu'
  if (named === 'topk' && config.top_k) return { architecture: fromFile('topk'), k: fromFile(config.top_k) }
  if (named === 'relu') return { architecture: fromFile('standard') }
  throw problem('unsupported', path, `its act_fn is "${named}" without a threshold or a top_k`)
}
