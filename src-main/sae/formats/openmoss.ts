import { z } from 'zod'
import type { Architecture } from '#contract/sae.ts'
import { problem } from '#contract/problem.ts'
import { scalarOf, type TensorFile } from '../../store/tensor-file.ts'
import { byDefault, fromFile, fromFileOrUnknown, guess, PLAIN, type Claims } from './claims.ts'
import { maybe, parseConfig } from './config.ts'
import { slotsNamed, type Found, type Slot } from './found.ts'
import { fileNamed, pathOf, type SaeFiles } from './source.ts'

// OpenMOSS/Language-Model-SAEs (models/sae.py): config.json + sae_weights.safetensors, or a .pt with the tensors under
// "sae". Newer files have W_E, W_D of SAELens' shapes; older ones (Llama Scope R1 Distill) are nn.Linear. Thresholds
// are logarithms. b_D is not subtracted.

const Config = z.looseObject({
  sae_type: maybe(z.string()),
  d_model: z.int().min(1),
  d_sae: maybe(z.int().min(1)),
  expansion_factor: maybe(z.number()),
  hook_point_in: maybe(z.string()),
  hook_point_out: maybe(z.string()),
  act_fn: maybe(z.string()),
  top_k: maybe(z.int()),
  norm_activation: maybe(z.string()),
  sparsity_include_decoder_norm: maybe(z.boolean()),
  use_decoder_bias: maybe(z.boolean()),
  use_glu_encoder: maybe(z.boolean()),
})
type Config = z.infer<typeof Config>

const NEW: Partial<Record<Slot, string>> = {
  W_enc: 'W_E',
  b_enc: 'b_E',
  W_dec: 'W_D',
  b_dec: 'b_D',
  threshold: 'activation_function.log_jumprelu_threshold',
}
const OLD: Partial<Record<Slot, string>> = {
  W_enc: 'encoder.weight',
  b_enc: 'encoder.bias',
  W_dec: 'decoder.weight',
  b_dec: 'decoder.bias',
  threshold: 'log_jumprelu_threshold',
}

export function findOpenmoss(files: SaeFiles, folder: string): Found | null {
  const configName = fileNamed(files, folder, ['config.json'])
  const weights = fileNamed(files, folder, ['sae_weights.safetensors', 'sae_weights.pt'])
  if (configName === null || weights === null) return null
  const path = pathOf(files, folder)
  const config = parseConfig(Config, files.json(configName), pathOf(files, configName))
  const file = files.tensors(weights)
  refuseWhatIsNoSae(config, file, path)
  const prefix = file.tensors.has('sae.W_E') || file.tensors.has('sae.encoder.weight') ? 'sae.' : ''
  const isNew = file.tensors.has(`${prefix}W_E`)
  const names = Object.entries(isNew ? NEW : OLD).map(([slot, name]) => [slot, prefix + name])
  const slots = slotsNamed(file, Object.fromEntries(names) as Partial<Record<Slot, string>>)
  if (slots.threshold && 'file' in slots.threshold) slots.threshold.exp = true
  if (!slots.b_dec) slots.b_dec = { constant: 0 }
  const warnings: string[] = []
  return {
    format: 'openmoss',
    path,
    dIn: config.d_model,
    dSae: config.d_sae ?? Math.round(config.d_model * (config.expansion_factor ?? 0)),
    slots,
    claims: {
      ...PLAIN,
      ...activation(config, slots.threshold !== undefined, warnings, path),
      ...normalisation(config, file, prefix, warnings, path),
      W_enc: byDefault(isNew ? 'columns are features' : 'rows are features'),
      W_dec: byDefault(isNew ? 'rows are features' : 'columns are features'),
      b_dec: byDefault('not subtracted'),
      ...rescaling(config),
      hook: fromFileOrUnknown(config.hook_point_in),
    },
    warnings,
    metadata: {},
  }
}

/** A threshold on scaled codes is read as one on the codes; the k largest of scaled codes need them scaled. */
function rescaling({ sparsity_include_decoder_norm: scaled, act_fn }: Config): Partial<Claims> {
  if (!scaled) return {}
  const largest = /topk/i.test(act_fn ?? '')
  return { rescale: fromFile('by decoder norm'), ...(largest && { folding: byDefault('decoder norm') }) }
}

function refuseWhatIsNoSae(config: Config, file: TensorFile, path: string): void {
  const { hook_point_in: from, hook_point_out: to, sae_type: type } = config
  const refuse = (what: string): never => {
    throw problem('unsupported', path, what, 'Suture works with SAEs.')
  }
  if (type !== undefined && type !== 'sae') refuse(`its sae_type is "${type}"`)
  if (from !== undefined && to !== undefined && from !== to)
    refuse(`it is a transcoder from ${from} to ${to}`)
  if (config.use_glu_encoder || file.tensors.has('W_E_glu'))
    refuse('its encoder is gated by a second one (GLU)')
}

const ACTIVATIONS: Readonly<Record<string, Architecture>> = {
  relu: 'standard',
  jumprelu: 'jumprelu',
  topk: 'topk',
  batchtopk: 'topk',
}

function activation(
  config: Config,
  hasThreshold: boolean,
  warnings: string[],
  path: string,
): Pick<Claims, 'architecture' | 'k'> {
  const named = config.act_fn?.toLowerCase() ?? (hasThreshold ? 'jumprelu' : 'relu')
  if (!Object.hasOwn(ACTIVATIONS, named))
    throw problem(
      'unsupported',
      path,
      `its act_fn is "${named}"`,
      `Those that can be read are: ${Object.keys(ACTIVATIONS).join(', ')}.`,
    )
  const architecture = ACTIVATIONS[named]
  if (named === 'batchtopk')
    warnings.push(
      'It chooses its features over a whole batch and holds no threshold: here the k largest of each token are kept.',
    )
  return {
    architecture: named === 'batchtopk' ? guess(architecture) : fromFile(architecture),
    ...(architecture === 'topk' && config.top_k !== undefined && { k: fromFile(config.top_k) }),
  }
}

function normalisation(
  config: Config,
  file: TensorFile,
  prefix: string,
  warnings: string[],
  path: string,
): Pick<Claims, 'normalisation' | 'scale'> {
  const none = { normalisation: fromFile('none' as const), scale: byDefault(1) }
  switch (config.norm_activation) {
    case 'inference':
      return none
    case 'token-wise':
      return { normalisation: fromFile('constant_norm_rescale'), scale: byDefault(1) }
    case 'batch-wise':
      throw problem(
        'unsupported',
        path,
        'it scales its inputs by the mean norm of each batch (norm_activation "batch-wise")',
      )
    case undefined:
    case 'dataset-wise': {
      const norm = scalarOf(file, `${prefix}dataset_average_activation_norm.${config.hook_point_in}`)
      if (norm !== undefined && norm > 0)
        return { ...none, scale: fromFile(Math.sqrt(config.d_model) / norm) }
      if (config.norm_activation === undefined)
        return { normalisation: byDefault('none'), scale: byDefault(1) }
      warnings.push(
        'Its inputs were scaled to norm √d on average, and the file does not hold the average norm: set "scale" to √d / mean norm.',
      )
      return { normalisation: fromFile('expected_average_only_in'), scale: byDefault(1) }
    }
    default:
      throw problem('unsupported', path, `its norm_activation is "${config.norm_activation}"`)
  }
}
