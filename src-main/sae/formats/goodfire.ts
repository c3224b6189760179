import { byDefault, guess, PLAIN } from './claims.ts'
import { sizesOf, slotsNamed, type Found } from './found.ts'
import { fullPath, pathOf, type SaeFiles } from './source.ts'

// A .pt or .pth with the state_dict of two nn.Linear and nothing else: Goodfire (encoder_linear, decoder_linear) and
// qresearch's DeepSeek-R1 SAEs (encoder, decoder). A plain ReLU, b_dec not subtracted.

export function findGoodfire(files: SaeFiles, name: string): Found | null {
  if (!/\.(pth?|safetensors)$/.test(name)) return null
  const file = files.tensors(name)
  const suffix = file.tensors.has('encoder_linear.weight') ? '_linear' : ''
  if (!file.tensors.has(`encoder${suffix}.weight`) || !file.tensors.has(`decoder${suffix}.bias`)) return null
  const path = fullPath(files, name)
  const layer = /(?:^|[-_/])l(?:ayer)?[-_]?(\d+)/i.exec(path.split('/').slice(-2).join('/'))?.[1]
  const model = /(?:^|\/)([\w.-]+?)-SAE\b/i.exec(path)?.[1]
  return {
    format: 'goodfire',
    path: pathOf(files, name),
    ...sizesOf(file, `encoder${suffix}.weight`, 'rows are features'),
    slots: slotsNamed(file, {
      W_enc: `encoder${suffix}.weight`,
      b_enc: `encoder${suffix}.bias`,
      W_dec: `decoder${suffix}.weight`,
      b_dec: `decoder${suffix}.bias`,
    }),
    claims: {
      ...PLAIN,
      architecture: guess('standard'),
      W_enc: byDefault('rows are features'),
      W_dec: byDefault('columns are features'),
      b_dec: guess('not subtracted'),
      hook: layer === undefined ? byDefault(null) : guess(`blocks.${layer}.hook_resid_post`),
      model: model === undefined ? byDefault(null) : guess(model),
    },
    warnings: [],
    metadata: {},
  }
}
