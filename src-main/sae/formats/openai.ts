import { problem } from '#contract/problem.ts'
import { byDefault, fromFile, guess, PLAIN, type Claim, type Claims } from './claims.ts'
import { sizesOf, slotsNamed, type Found } from './found.ts'
import { fullPath, pathOf, type SaeFiles } from './source.ts'

// OpenAI's sparse_autoencoder (model.py): one .pt, a state_dict of Autoencoder with its activation's name in it.
// Files with TopK were trained on layer-normalised inputs, which the file does not say and its loader assumes.

const LOCATIONS: Readonly<Record<string, string>> = {
  mlp_post_act: 'mlp.hook_post',
  resid_delta_attn: 'hook_attn_out',
  resid_post_attn: 'hook_resid_mid',
  resid_delta_mlp: 'hook_mlp_out',
  resid_post_mlp: 'hook_resid_post',
}

export function findOpenai(files: SaeFiles, name: string): Found | null {
  if (!/\.pth?$/.test(name)) return null
  const file = files.tensors(name)
  if (!file.tensors.has('pre_bias') || !file.tensors.has('latent_bias')) return null
  const path = pathOf(files, name)
  // A tied file keeps the decoder as another view of the encoder.
  const tied = !file.tensors.has('decoder.weight')
  return {
    format: 'openai',
    path,
    ...sizesOf(file, 'encoder.weight', 'rows are features'),
    slots: slotsNamed(file, {
      W_enc: 'encoder.weight',
      b_enc: 'latent_bias',
      W_dec: tied ? 'encoder.weight' : 'decoder.weight',
      b_dec: 'pre_bias',
    }),
    claims: {
      ...PLAIN,
      ...activation(file.values.get('activation'), file.values.get('activation_state_dict.k'), path),
      W_enc: byDefault('rows are features'),
      W_dec: tied ? guess('rows are features') : byDefault('columns are features'),
      hook: hookInPath(fullPath(files, name)),
      model: guess('gpt2-small'),
      bos: byDefault('not prepended'),
      context: byDefault(64),
    },
    warnings: [],
    metadata: {},
  }
}

function activation(
  named: unknown,
  k: unknown,
  path: string,
): Pick<Claims, 'architecture' | 'k' | 'normalisation'> {
  if (named === 'TopK')
    return {
      architecture: fromFile('topk'),
      normalisation: byDefault('layer_norm'),
      ...(typeof k === 'number' && { k: fromFile(k) }),
    }
  if (named === 'ReLU' || named === undefined)
    return { architecture: (named ? fromFile : guess)('standard'), normalisation: byDefault('none') }
  throw problem(
    'unsupported',
    path,
    `its activation is ${JSON.stringify(named)}; "ReLU" and "TopK" can be read`,
  )
}

/** …/gpt2-small/resid_post_mlp_v5_32k/autoencoders/8.pt */
function hookInPath(path: string): Claim<string | null> {
  const match = /(?:^|\/)([a-z_]+?)(?:_v\w+)?\/autoencoders\/(\d+)\.pt$/.exec(path)
  const location = match && Object.hasOwn(LOCATIONS, match[1]) ? LOCATIONS[match[1]] : undefined
  return match && location ? fromFile(`blocks.${match[2]}.${location}`) : byDefault(null)
}
